/** How large an experiment is. */
export interface Size {
  readonly sites: number;
  readonly years: number;
  /** overrides of the run configuration */
  readonly config: object;
  readonly quickNotebooks: boolean;
  /** printed in the report: the virtual network that is made where no table is given, and how the models were trained */
  readonly network: string;
  readonly training: string;
}

/** The sizes of `reproduce` and of the notebooks' own small world. */
export const SIZES: Readonly<Record<"reproduce" | "notebook" | "quick", Size>> = {
  reproduce: {
    sites: 160, years: 4, config: { epochs: 15 }, quickNotebooks: false,
    network: "160 virtual sites, about 4 years each.", training: "Each stage at most 15 epochs.",
  },
  notebook: {
    sites: 60, years: 2, config: { epochs: 12, hidden: 64, batch: 64, validate_every: 3 }, quickNotebooks: false,
    network: "60 virtual sites, about 2 years each.", training: "A small model of 64 hidden units, each stage at most 12 epochs.",
  },
  quick: {
    sites: 30, years: 1, config: { epochs: 4, hidden: 32, latent: 16, batch: 64, validate_every: 2 }, quickNotebooks: true,
    network: "30 virtual sites of about a year.", training: "Test size: a model of 32 hidden units and 4 epochs. The numbers show that everything runs and nothing else.",
  },
};

/** The second network of notebooks that look at years: fewer towers, longer records. */
export const LONG_RECORDS: Readonly<Record<"notebook" | "quick", { readonly sites: number; readonly years: number }>> = { notebook: { sites: 20, years: 6 }, quick: { sites: 8, years: 6 } };
