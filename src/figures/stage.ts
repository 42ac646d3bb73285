import type * as PlotModule from "@observablehq/plot";
import type * as JsdomModule from "jsdom";
import type { Stage } from "./figure";
import { FONT, INK, WIDTH } from "./style";

/**
 * Opens a headless page and binds Observable Plot to it. The two packages are loaded here and not at import, since
 * they take about 0.7 s the first time.
 * @example const stage = openStage(); stage.plot({ marks: [] })
 */
export function openStage(): Stage {
  const { JSDOM } = require("jsdom") as typeof JsdomModule;
  const Plot = require("@observablehq/plot") as typeof PlotModule;
  const { window } = new JSDOM("");
  const serializer = new window.XMLSerializer();
  return {
    Plot,
    document: window.document,
    plot: (options) =>
      Plot.plot({
        width: WIDTH,
        ...options,
        document: window.document,
        style: { fontFamily: FONT, fontSize: "10px", color: INK },
      }) as unknown as SVGSVGElement,
    serialize: (element) => serializer.serializeToString(element),
  };
}
