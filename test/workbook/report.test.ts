import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { markdownToHtml } from "../../src/workbook/markdown";
import { reportHtml, writeReport, type Report } from "../../src/workbook/report";

const report: Report = {
  title: "Run <a>",
  sections: [
    { heading: "Scores & sites", parts: [{ markdown: "**Two** sites:\n\n- <script>alert(1)</script>\n- `DE-*Hai*`" }, { table: [{ site: "<b>X</b>", r2: 0.61 }] }] },
    { heading: "Map", parts: [{ figure: { svg: "<svg xmlns='http://www.w3.org/2000/svg'><text>2</text></svg>", alt: `two "sites"`, caption: "Sites <2>." } }] },
  ],
  provenance: { commit: "abc", seeds: [1, 2] },
};

test("text from data is text in the report, wherever it stands", () => {
  const html = reportHtml(report);
  assert.match(html, /<h1>Run &lt;a&gt;<\/h1>/);
  assert.match(html, /&lt;b&gt;X&lt;\/b&gt;/);
  assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  assert.match(html, /alt="two &quot;sites&quot;"/);
  assert.match(html, /Sites &lt;2&gt;\./);
  assert.equal(html.match(/<script/gi)!.length, 1, "the page's own");
});

test("the report needs no network: its policy allows embedded images, styles and its own script only, and it names no other address", () => {
  const html = reportHtml(report);
  const script = /<script>([\s\S]*?)<\/script>/.exec(html)![1]!;
  const hash = crypto.createHash("sha256").update(script).digest("base64");
  assert.ok(html.includes(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`));
  assert.deepEqual(html.match(/(src|href)="(?!data:|#)[^"]*"/g), null);
});

test("every figure has a text alternative, every table header a scope, the page a language and contents", () => {
  const html = reportHtml(report);
  assert.equal(html.match(/<img /g)!.length, html.match(/<img [^>]*alt="[^"]+"/g)!.length);
  assert.ok(!/<th(?! scope="col")(?=[ >])/.test(html));
  assert.match(html, /<html lang="en">/);
  assert.match(html, /<a href="#s2">Map<\/a>/);
  assert.match(html, /id="s2"/);
  assert.match(html, /\[1,2\]/, "provenance");
});

test("markdown knows headings, lists, emphasis, code and links, and nothing else", () => {
  assert.equal(markdownToHtml("# A\n\n1. *b*\n2. `c*d*`\n\n[e](https://example.org) <i>"), '<h3 id="A">A</h3>\n<ol><li><em>b</em></li><li><code>c*d*</code></li></ol>\n<p><a href="https://example.org">e</a> &lt;i&gt;</p>');
  assert.equal(markdownToHtml("a\n\n```ts\nf(\"<b>\")\n\n# no heading\n```\n\n[f](#f)"), '<p>a</p>\n<pre><code>f(&quot;&lt;b&gt;&quot;)\n\n# no heading</code></pre>\n<p><a href="#f">f</a></p>');
  assert.equal(markdownToHtml("[x](javascript:alert(1))"), "<p>[x](javascript:alert(1))</p>");
});

test("a report over 5 MB is refused, names its heaviest section and leaves no file", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "workbook-report-"));
  const file = path.join(folder, "report.html");
  try {
    writeReport(report, file);
    assert.ok(fs.statSync(file).size < 40_000);
    fs.rmSync(file);
    const heavy = { heading: "Points", parts: [{ figure: { svg: `<svg>${"x".repeat(4_000_000)}</svg>`, alt: "a", caption: "c" } }] };
    assert.throws(() => writeReport({ ...report, sections: [...report.sections, heavy] }, file), /at most 5 MB required, found 5\.3 MB, most of it in "Points"/);
    assert.deepEqual(fs.readdirSync(folder), []);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
