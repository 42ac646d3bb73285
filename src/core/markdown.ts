/**
 * A name or value as text of Markdown: markup, links, code and the bars of tables in it are shown, not obeyed, and it stays in its line.
 * Names come out of files that others made.
 * @source CommonMark 0.31, §2.4 (backslash escapes)
 * @example markdownText("<b>|") // "\\<b>\\|"
 */
export function markdownText(text: string): string {
  return inOneLine(text).replace(/[\\|<`]|\](?=[([])/g, "\\$&");
}

/** A name as code of Markdown: the marks that would end it stand as apostrophes. @example markdownCode("a`b") // "`a'b`" */
export function markdownCode(text: string): string {
  return `\`${inOneLine(text).replace(/`/g, "'")}\``;
}

const inOneLine = (text: string): string => text.replace(/[\r\n\u2028\u2029]+/g, " ");
