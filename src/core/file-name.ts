/** Longest part of a file's name, in characters: file systems take 255 bytes, and a letter may have four. */
const LONGEST = 48;

/**
 * A name as part of a file's name, whatever others put into it: nothing that leads to another folder or that a file system refuses. Letters, digits, dots, hyphens
 * and underscores stay; what else there is stands as an underscore.
 * @example asFileName("../../DE-Hai") // "__.._DE-Hai"
 */
export function asFileName(name: string): string {
  const short = Array.from(name.normalize("NFC").slice(0, 4 * LONGEST)).slice(0, LONGEST).join("");
  return short.replace(/[^\p{L}\p{N}._-]/gu, "_").replace(/^\.+|\.+$/g, "_") || "_";
}
