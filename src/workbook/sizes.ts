/** How large an experiment is. */
export interface Size {
  readonly sites: number;
  readonly years: number;
  /** overrides of the run configuration */
  readonly config: object;
  readonly quickNotebooks: boolean;
  /** printed in the report: what a reader must know of the size */
  readonly note: string;
}

/** The sizes of `reproduce` and of the notebooks' own small world. */
export const SIZES: Readonly<Record<"reproduce" | "notebook" | "quick", Size>> = {
  reproduce: {
    sites: 160, years: 4, config: { epochs: 20, patience: 10 }, quickNotebooks: false,
    note: "160 sites, about 4 years each; each stage at most 20 epochs, one seed.",
  },
  notebook: {
    sites: 60, years: 2, config: { epochs: 12, hidden: 64, batch: 64, patience: 10 }, quickNotebooks: false,
    note: "60 sites, about 2 years each; a small model (64 hidden units), one seed.",
  },
  quick: {
    sites: 30, years: 1, config: { epochs: 4, hidden: 32, latent: 16, batch: 64, validate_every: 2 }, quickNotebooks: true,
    note: "Test size: 30 sites of about a year and a model of 32 hidden units. The numbers show that everything runs and nothing else.",
  },
};
