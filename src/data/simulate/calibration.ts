/**
 * The dials of the virtual flux network that no measurement fixes. They were turned so that simple models reach the skill that the
 * real benchmark's models reach on held-out towers (method §8); everything else in this folder comes from a cited source.
 */
export interface Calibration {
  /** multiplies the spread of every site trait; larger: sites differ more, all models do worse on unseen sites */
  readonly traitSpread: number;
  /** multiplies the mark that canopy structure and standing biomass leave in the reflectance; larger: one window tells more */
  readonly signature: number;
  /** multiplies the error of the reflectance, scene by scene and season by season; larger: a support set over the year helps more */
  readonly reflectanceError: number;
  /** multiplies the errors of the reanalysis; larger: weather-driven variation is harder to predict */
  readonly reanalysisError: number;
  /** multiplies the true day-to-day and season-to-season variation that no driver shows; decides how far NEE can be predicted */
  readonly unseenDrift: number;
  /** multiplies the half-hourly random error of the eddy flux */
  readonly randomError: number;
  /** multiplies the error of the night-time partition and the u*-bias; these decide RECO's ceiling */
  readonly partitionError: number;
  /** multiplies the light-use efficiency; MOD17's is known to lie below what towers see */
  readonly lightUse: number;
  /** network mean of the ratio of respiration to photosynthesis over a record */
  readonly respirationRatio: number;
}

/** The values the network is made with. */
export const CALIBRATION: Calibration = {
  traitSpread: 1,
  signature: 5,
  reflectanceError: 1,
  reanalysisError: 1,
  unseenDrift: 0.7,
  randomError: 1,
  partitionError: 1,
  lightUse: 2.05,
  respirationRatio: 0.86,
};
