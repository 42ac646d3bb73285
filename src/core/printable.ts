/** Controls of a terminal (C0 but line ends and tabs, DEL, C1) and marks that turn the direction of writing. */
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text as it may be printed: what would command a terminal stands as �, and what is longer than `limit` is cut. Names and values in our
 * messages come out of files that others made.
 * @example printable("DE-Hai\u001b[2J") // "DE-Hai�[2J"
 */
export function printable(text: string, limit = Infinity): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(COMMANDS, "�");
}

/**
 * A value as JSON for a message, however large or deep it is.
 * @example brief([[1, 2]]) // "[[1,2]]"
 */
export function brief(value: unknown, limit = 80): string {
  try {
    return printable(JSON.stringify(value) ?? String(value), limit);
  } catch {
    // nested deeper than the stack, or turning in a circle
    return Array.isArray(value) ? "[…]" : "{…}";
  }
}
