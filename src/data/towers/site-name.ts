const SITE_IN_NAME = /(?:^|[^A-Za-z0-9])([A-Z]{2}-[A-Za-z0-9]{2,4})(?=[^A-Za-z0-9]|$)/;

/** The tower's id in a file's name or a line of text, or null. @example siteInName("FLX_DE-Hai_FLUXNET2015_SUBSET_DD_2000-2012_1-4.csv") // "DE-Hai" */
export function siteInName(text: string): string | null {
  return SITE_IN_NAME.exec(text)?.[1] ?? null;
}
