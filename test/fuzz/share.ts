import * as fc from "fast-check";

const STEPS = 1 << 20;

/** A place in an input as a share of its length, all places alike. `fc.double` draws all doubles alike, of which nine in ten lie below 0.01. */
export const share: fc.Arbitrary<number> = fc.noBias(fc.nat(STEPS - 1)).map((n) => n / STEPS);
