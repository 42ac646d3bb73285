import type * as Tslab from "tslab";

/** One place in the output that is written again and again. */
export interface LiveOutput {
  text(text: string): void;
}

/** Where shown things go. */
export interface Output {
  readonly rich: boolean;
  html(html: string): void;
  markdown(text: string): void;
  svg(svg: string): void;
  text(text: string): void;
  live(): LiveOutput;
}

/** Whether this code runs in the notebook's kernel; tslab leaves its executor in a global. */
export function inKernel(): boolean {
  return (globalThis as { __tslab__?: unknown }).__tslab__ !== undefined;
}

/**
 * The notebook cell in the kernel, else stdout; stdout takes the plain form, so that modules run and test anywhere.
 * @example output().markdown("**done**")
 */
export function output(write: (text: string) => void = (text) => void process.stdout.write(text)): Output {
  return inKernel() ? kernelOutput() : plainOutput(write);
}

function kernelOutput(): Output {
  const { display, newDisplay } = require("tslab") as typeof Tslab;
  return {
    rich: true,
    html: (html) => display.html(html),
    markdown: (text) => display.markdown(text),
    svg: (svg) => display.svg(svg),
    text: (text) => display.text(text),
    live() {
      const place = newDisplay();
      return { text: (text) => place.text(text) };
    },
  };
}

/** HTML and SVG have no plain form: those who show them write text where `rich` is false. A live place keeps only whole lines. */
function plainOutput(write: (text: string) => void): Output {
  const line = (text: string): void => write(text.endsWith("\n") ? text : `${text}\n`);
  let last = "";
  return {
    rich: false,
    html: line,
    markdown: line,
    svg: line,
    text: line,
    live: () => ({
      text(text) {
        const added = text.startsWith(last) ? text.slice(last.length).replace(/^\n/, "") : text;
        last = text;
        if (added !== "") line(added);
      },
    }),
  };
}
