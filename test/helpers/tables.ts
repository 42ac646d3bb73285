import type { Site } from "../../src/core/sites";
import { dailyTable, type DailyTable } from "../../src/data/daily-table";
import { random } from "../../src/core/random";

/** A site with what a test wants to say of it. */
export function aSite(site: string, more: Partial<Site> = {}): Site {
  return { site, lat: 50, lon: 10, igbp: "ENF", koppen: "D", koppenDetail: "Dfb", ...more };
}

/** A small tower table: `days` days a site from day 0, a seasonal cycle with noise; NEE = RECO − GPP exactly. */
export function towerTable(sites: readonly Site[], days: number, seed = 1): DailyTable {
  const n = sites.length * days;
  const names = ["gpp", "reco", "nee", "nee_qc", "ta_degC", "sw_in_W_m2", "vpd_hPa", "p_mm_d", "pa_kPa", "ws_m_s"] as const;
  const columns = Object.fromEntries(names.map((name) => [name, new Float32Array(n)])) as Record<(typeof names)[number], Float32Array>;
  const id: string[] = [];
  const day = new Int32Array(n);
  sites.forEach((site, s) => {
    const r = random(seed, site.site);
    const level = 1 + 0.3 * (s % 3);
    for (let d = 0, i = s * days; d < days; d++, i++) {
      const season = Math.sin((2 * Math.PI * (d - 100)) / 365);
      const noise = r.normal();
      id.push(site.site);
      day[i] = d;
      columns.ta_degC[i] = 10 + 10 * season + noise;
      columns.sw_in_W_m2[i] = 150 + 100 * season + 10 * r.normal();
      columns.vpd_hPa[i] = 5 + 3 * season;
      columns.p_mm_d[i] = r.uniform() < 0.3 ? 5 * r.uniform() : 0;
      columns.pa_kPa[i] = 98;
      columns.ws_m_s[i] = 2 + r.uniform();
      columns.gpp[i] = level * (4 + 3.5 * season + 0.3 * noise);
      columns.reco[i] = level * (3 + 2 * season + 0.2 * noise);
      columns.nee[i] = columns.reco[i]! - columns.gpp[i]!;
      columns.nee_qc[i] = 1;
    }
  });
  return dailyTable({ site: id, day, numbers: columns }, sites);
}
