/** g in a petagram. */
export const PETAGRAM = 1e15;

/** Days of a mean Gregorian year. */
export const DAYS_PER_YEAR = 365.2425;
