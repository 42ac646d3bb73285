/** Longest part of a file's name, in characters: file systems take 255 bytes, and a letter may have four. */
const LONGEST = 48;

/**
 * A name as part of a file's name, whatever others put into it: nothing that leads to another folder or that a file system refuses. Letters, digits, dots, hyphens
 * and underscores stay; what else there is stands as an underscore.
 * @example asFileName("../../DE-Hai") // "__.._DE-Hai"
 */
export function asFileName(name: string): string {
  const plain = name.normalize("NFC").replace(/[^\p{L}\p{N}._-]/gu, "_").replace(/^\.+|\.+$/g, "_");
  return Array.from(plain).slice(0, LONGEST).join("") || "_";
}
