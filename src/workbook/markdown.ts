import { escapeHtml } from "./escape";

/**
 * The markdown our texts use, as HTML: headings, lists, paragraphs, fenced code, **bold**, *emphasis*, `code` and links. Everything else
 * is text: markup in it is shown, not obeyed.
 * @example markdownToHtml("# DE-Hai\n\nA **beech** forest.")
 */
export function markdownToHtml(markdown: string): string {
  // every second piece stands between fences
  const pieces = markdown.trim().split(/^```\w*$/m);
  return pieces.flatMap((piece, i) => (i % 2 === 1 ? [`<pre><code>${escapeHtml(piece.trim())}</code></pre>`] : piece.split(/\n{2,}/).map((b) => b.trim()).filter((b) => b !== "").map(block))).join("\n");
}

function block(text: string): string {
  const heading = /^(#{1,4}) (.+)$/.exec(text);
  // the page's own headings are h1 and h2
  if (heading) return `<h${heading[1]!.length + 2} id="${anchor(heading[2]!)}">${inline(heading[2]!)}</h${heading[1]!.length + 2}>`;
  const lines = text.split("\n");
  if (lines.every((line) => /^[-*] /.test(line))) return list("ul", lines.map((line) => line.slice(2)));
  if (lines.every((line) => /^\d+\. /.test(line))) return list("ol", lines.map((line) => line.replace(/^\d+\. /, "")));
  return `<p>${inline(lines.join(" "))}</p>`;
}

/** What a link within the page names. */
function anchor(heading: string): string {
  return heading.replace(/[^\w]+/g, "-").replace(/^-|-$/g, "");
}

function list(tag: "ul" | "ol", items: readonly string[]): string {
  return `<${tag}>${items.map((item) => `<li>${inline(item)}</li>`).join("")}</${tag}>`;
}

/** Escapes first, so that only our own marks become tags; code spans are set aside, so that marks in them stay. */
function inline(text: string): string {
  return escapeHtml(text)
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? `<code>${part.slice(1, -1)}</code>` : marked(part)))
    .join("");
}

function marked(text: string): string {
  return text
    .replace(/\[([^\]]+)\]\((https?:\/\/[^\s)]+|#[\w-]+)\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replace(/\*([^*]+)\*/g, "<em>$1</em>");
}
