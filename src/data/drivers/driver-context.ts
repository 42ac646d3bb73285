import type { Site } from "../../core/sites";
import type { Variables } from "../columns";
import type { Preparation } from "../preparation";

/** What the readers of driver files are told. */
export interface DriverContext {
  readonly variables: Variables;
  /** sites whose positions are known: a file without ids is laid on them */
  readonly sites: readonly Site[];
  readonly preparation: Preparation;
}
