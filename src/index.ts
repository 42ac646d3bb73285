/**
 * The TAM-RL workbook's public names, by stage. Notebooks and scripts import from here.
 * @module
 */

// core: quantities, sites, days, errors
export { COLUMNS, channelsOf, columnSpec, type ColumnSpec, type FeatureSet } from "./core/columns";
export { toCsv } from "./core/csv";
export { dayOfYear, formatDay, monthOf, parseDay, yearOf, type Day } from "./core/days";
export { isWorkbookError, WorkbookError, type ErrorTag } from "./core/errors";
export { FLUX_LABEL, FLUXES, IGBP, IGBP_ORDER, KOPPEN, type Flux, type Igbp, type Koppen } from "./core/quantities";
export { silent, type Progress, type ProgressEvent } from "./core/progress";
export { random, type Random } from "./core/random";
export { distanceKm, type Site, type SiteId } from "./core/sites";

// engine: tasks on local workers, on Dask's, or a part of them
export { engineChoice, type EngineChoice, type EngineOptions, type EngineResult } from "./engine/options";
export { parsePart, runPart, type Part } from "./engine/part";
export { runTasks } from "./engine/run-tasks";
export { readTasks, writeTasks, type Task, type TaskContext } from "./engine/task";

// data: tables, readers, splits, the virtual flux network
export { clusterSites, type Cluster } from "./data/splits/clusters";
export { dailyTable, daysOf, hasColumn, isSimulated, numbers, period, siteRows, texts, type DailyTable, type SiteRows } from "./data/daily-table";
export { citationsMarkdown, writeCitations } from "./data/sources/citations";
export { readModisProducts } from "./data/drivers/modis-products";
export { decodeQuality } from "./data/drivers/modis-quality";
export { classesAtSites } from "./data/static/classes-at-sites";
export { fetchDataset, type FetchOptions, type FetchResult } from "./data/sources/fetch";
export { ingest, type IngestOptions } from "./data/ingest/ingest";
export type { IngestReport } from "./data/ingest/ingest-report";
export type { HalfHourly } from "./data/half-hourly/half-hourly-table";
export { readHalfHourFiles } from "./data/half-hourly/read-half-hours";
export { halfHourlyToDaily } from "./data/half-hourly/to-daily";
export { simulate, type SimulatedNetwork } from "./data/simulate/simulate";
export { withTowerExtras } from "./data/simulate/extras";
export { gapsOf, oneSite } from "./data/sites/site-gaps";
export { BUDGET_RULE, flagSiteYears, type SiteYearFlag } from "./data/sites/site-year-flags";
export { hasHesseflux } from "./data/partition/hesseflux";
export { partitionHalfHourly, partitionWarnings, type PartitionedHalfHourly, type PartitionOptions, type PartitionReport } from "./data/partition/partition";
export { partitionFiles, type PartitionFilesOptions, type PartitionFilesResult } from "./data/partition/partition-files";
export { targetView } from "./data/target-view";
export { readTruth, type TrueTraits } from "./data/simulate/read-truth";
export { TRAITS, type Trait } from "./data/simulate/traits";
export type { SimulateOptions } from "./data/simulate/options";
export { writeSimulation } from "./data/simulate/write";
export { gridTruthPath, simulateGrid, type GridFiles, type GridWork } from "./data/simulate/grid";
export type { GridOptions } from "./data/simulate/grid-options";
export { drawFunction, drawPoints, FAMILIES, type Family } from "./data/synthetic/families";
export { makeSplit, validationSplit, type Split } from "./data/splits/splits";
export { readOzflux } from "./data/products/ozflux";
export type { ProductValues } from "./data/products/product";
export { readTable, writeTable } from "./data/store";
export { extractXbase } from "./data/products/xbase";
export { openPredictors, type PredictorOptions } from "./data/grid/open-predictors";
export type { OpenedPredictors, PredictorGrid, Tile, TileDrivers } from "./data/grid/predictors";
export { requireChannels } from "./data/grid/require-channels";
export { readXbaseSites, seenByProduct } from "./data/products/xbase-sites";

// run: configuration, training
export { openBackend, type Backend } from "./backend/tf";
export { DEFAULT_CONFIG, resolveConfig, type RunConfig } from "./run/config";
export { ablationArms, readAblations } from "./run/ablation";
export { planExperiment, type Arm, type ExperimentPlan, type ExperimentSpec } from "./run/experiment-plan";
export { planProtocol, type Protocol } from "./run/protocol";
export { PUBLISHED_GRID } from "./run/search";
export { readHeader, readSplit, runPaths, type RunHeader, type RunSplit } from "./run/run-directory";
export { readLog, type LogEpoch } from "./run/read-log";
export { mamlAdapter, shotAdapter, tunedAdapter, type Adapter } from "./run/few-shot-adapters";
export { chooseTuning, type TuningChoice } from "./run/few-shot-tuning";
export { syntheticFamilies, type FamilyScore } from "./run/synthetic";
export { resume, train, type TrainOptions, type TrainResult } from "./run/train";

// evaluate: prediction, metrics, comparison
export { pairedBootstrap, type PairedDifference } from "./evaluate/bootstrap";
export { closureRows, seasonOf } from "./evaluate/balance-rows";
export { cumulativeYears } from "./evaluate/budget-cumulative";
export { budgetErrors, budgetSummary, type BudgetError } from "./evaluate/budget-error";
export { contendersOf } from "./evaluate/contenders";
export { driestMonths, seasonAnomalies } from "./evaluate/drought";
export { waterBalance } from "./evaluate/drought-index";
export { energyClosure } from "./evaluate/energy-balance";
export { distanceTrends, errorDistances } from "./evaluate/error-distance";
export { fluxAgreement, type FluxAgreement } from "./evaluate/flux-agreement";
export { budgetDifferences, differenceSummary } from "./evaluate/partition";
export { phenology, phenologyErrors } from "./evaluate/phenology";
export { hasResponse, respirationFits, response, RESPONSES } from "./evaluate/response";
export { annualBudgets, budgetDoubt, type AnnualBudget } from "./evaluate/site-year";
export { monthErrors } from "./evaluate/site-months";
export { waterUse } from "./evaluate/water-use";
export { comparison, comparisonMarkdown, writeComparison, type Comparison } from "./evaluate/comparison";
export { gainRows, mainRows, paperShape, type ModelGroup } from "./evaluate/comparison-table";
export { calibrate, intervalOf, type FluxCalibration } from "./evaluate/conformal";
export { coverageRows, siteCoverage } from "./evaluate/conformal-coverage";
export { describeSites, type SiteDescription } from "./evaluate/describe-sites";
export { OUTLIER_RULE } from "./evaluate/outliers";
export { siteCards, type SiteCard, type VariableCard } from "./evaluate/site-card";
export { embedSites, type Embeddings } from "./evaluate/embed";
export { calibrateEnsemble, resumeEnsemble, trainEnsemble, type EnsembleResult } from "./evaluate/ensemble";
export { combineMembers } from "./evaluate/ensemble-predict";
export { compare, evaluatePredictions, type Metrics } from "./evaluate/evaluate";
export { evaluateRuns, type Evaluation } from "./evaluate/evaluate-runs";
export { ablate, type AblateOptions } from "./evaluate/ablate";
export { experiment, modelSpec, type ExperimentOptions, type ExperimentResult } from "./evaluate/experiment";
export { searchExperiment, type SearchOptions } from "./evaluate/search";
export { evaluateFewShot, fewShotRows, type FewShotEvaluation } from "./evaluate/few-shot";
export { fewShotExperiment, fewShotText, type FewShotExperiment } from "./evaluate/few-shot-experiment";
export { predictRun, type PredictResult } from "./evaluate/predict";
export type { Predictions } from "./evaluate/predictions";
export { monthSummary, scoreMonths, type MonthContender } from "./evaluate/month-scores";
export { compareWithProduct, type ProductComparison } from "./evaluate/product";
export { besidePublished, readPublishedSites } from "./evaluate/published-sites";
export { PUBLISHED, type PublishedScore } from "./evaluate/reference";
export { principalAxes } from "./evaluate/principal-axes";
export { probeEmbedding, type ProbeRow } from "./evaluate/probe-embedding";
export { traceSite, type SiteTrace } from "./evaluate/trace-site";
export { errorPartRows, strataRows, timeScaleRows } from "./evaluate/strata";
export { balanceRows, comparisonRows, toMarkdown } from "./evaluate/table";
export { verifyRun, type Verification } from "./evaluate/verify";
export { readPredictions, writePredictions } from "./evaluate/write-predictions";

// upscale: fluxes on a grid, totals, monthly means and comparison of gridded fluxes
export { againstTruth, type TruthRow } from "./upscale/against-truth";
export { besideXbase, type XbaseSideBySide } from "./upscale/compare-xbase";
export { exportMonthly } from "./upscale/export-netcdf";
export { mapFields, type MapFields } from "./upscale/monthly-fields";
export { writeMonthly } from "./upscale/monthly-store";
export { gridTotals, type GridTotals } from "./upscale/totals";
export { totalsMarkdown, writeTotals } from "./upscale/totals-write";
export { truthMarkdown, writeTruth } from "./upscale/truth-write";
export type { UpscaleResult } from "./upscale/summary";
export { upscaleRun, type UpscaleOptions } from "./upscale/upscale";

// figures
export { anomalies } from "./figures/anomalies";
export { availability, siteYears } from "./figures/availability";
export { availabilityByVariable, siteVariables, tableAvailability } from "./figures/availability-by-variable";
export { annualBudget } from "./figures/annual-budget";
export { cumulative } from "./figures/cumulative";
export { droughtAnomalies } from "./figures/drought-anomalies";
export { budgetFigure, closureErrorFigure, distanceFigure, phenologyFigure, waterUseFigure } from "./figures/from-sites";
export { responseFigure } from "./figures/response-curve";
export { closure } from "./figures/closure";
export { differences } from "./figures/differences";
export { embedding } from "./figures/embedding";
export { errorByClass } from "./figures/error-by-class";
export type { Figure } from "./figures/figure";
export { comparisonFigures, siteErrors } from "./figures/from-evaluation";
export { closureSeries, modelScores, siteSeries } from "./figures/from-table";
export { gates } from "./figures/gates";
export { periodOf } from "./figures/figure";
export { hovmoller } from "./figures/hovmoller";
export { differenceMap } from "./figures/map-difference";
export { applicabilityMap, fluxMap, spreadMap } from "./figures/map-fields";
export { writeMaps } from "./figures/map-write";
export { learningCurves } from "./figures/learning-curves";
export { modelBars } from "./figures/model-bars";
export { observedPredicted } from "./figures/observed-predicted";
export { renderFigure, saveFigure } from "./figures/render";
export { seasonalCycle } from "./figures/seasonal-cycle";
export { siteMap } from "./figures/site-map";
export { timeSeries } from "./figures/time-series";

// workbook: what a notebook shows
export { fromDanfo, toDanfo } from "./workbook/danfo";
export { notebookLongTable, notebookRefTable, notebookRuns, notebookSize, notebookRunsFolder, notebookTable, notebookVariants, notebookWorld } from "./workbook/demo";
export { notebookMap, notebookUpscaling } from "./workbook/demo-grid";
export { doctor, doctorText } from "./workbook/doctor";
export { notebookNames, runNotebooks } from "./workbook/notebooks";
export { parameter, quick } from "./workbook/parameter";
export { explore } from "./workbook/plotly";
export { exploreSite } from "./workbook/explore-site";
export { writeReport } from "./workbook/report";
export { reproduce } from "./workbook/reproduce";
export { runCard } from "./workbook/run-card";
export { show } from "./workbook/show";
export { reportRuns, type ReportRunsOptions } from "./workbook/verb-report";
export { whereKnown } from "./workbook/where-known";
