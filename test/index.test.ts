import assert from "node:assert/strict";
import { test } from "node:test";
import * as workbook from "../src/index";

test("the public names are these, and a new one is added here on purpose", () => {
  assert.deepEqual(Object.keys(workbook).sort(), [
    "COLUMNS", "PUBLISHED_GRID", "ablate", "ablationArms", "experiment", "modelSpec", "planExperiment", "planProtocol", "readAblations", "searchExperiment", "DEFAULT_CONFIG", "FLUXES", "FLUX_LABEL", "IGBP", "IGBP_ORDER", "KOPPEN", "PUBLISHED", "WorkbookError", "availability", "balanceRows", "channelsOf",
    "closure", "closureSeries", "clusterSites", "columnSpec", "compare", "comparisonFigures", "comparisonRows", "dailyTable", "dayOfYear", "daysOf", "describeSites",
    "distanceKm", "engineChoice", "parsePart", "runPart", "doctor", "doctorText", "errorByClass", "evaluatePredictions", "evaluateRuns", "explore", "exploreSite", "formatDay", "fromDanfo", "ingest", "isSimulated", "isWorkbookError",
    "learningCurves", "makeSplit", "modelBars", "modelScores", "monthOf", "notebookNames", "notebookRuns", "notebookSize", "notebookTable", "numbers", "observedPredicted",
    "openBackend", "pairedBootstrap", "parameter", "parseDay", "period", "periodOf", "predictRun", "quick", "random", "readHeader", "readLog", "readPredictions", "readSplit",
    "readTable", "readTasks", "renderFigure", "reproduce", "resolveConfig", "resume", "runNotebooks", "runPaths", "runTasks", "saveFigure", "seasonalCycle", "show", "silent", "simulate", "simulateGrid", "siteErrors",
    "siteMap", "siteRows", "siteSeries", "siteYears", "texts", "timeSeries", "toCsv", "toDanfo", "toMarkdown", "train", "validationSplit", "writePredictions", "writeReport",
    "FAMILIES", "chooseTuning", "drawFunction", "drawPoints", "evaluateFewShot", "fewShotExperiment", "fewShotRows", "fewShotText", "mamlAdapter", "shotAdapter",
    "syntheticFamilies", "tunedAdapter",
    "writeSimulation", "writeTable", "writeTasks", "yearOf",
    "closureRows", "seasonOf", "comparison", "comparisonMarkdown", "writeComparison", "gainRows", "mainRows", "paperShape", "calibrate", "intervalOf", "coverageRows", "siteCoverage", "calibrateEnsemble", "resumeEnsemble", "trainEnsemble", "combineMembers", "errorPartRows", "strataRows", "timeScaleRows",
    "openPredictors", "requireChannels", "fetchDataset", "readOzflux", "extractXbase", "readXbaseSites", "seenByProduct", "monthSummary", "scoreMonths", "compareWithProduct", "besidePublished", "readPublishedSites",
    "differences", "embedSites", "embedding", "gates", "principalAxes", "probeEmbedding", "readTruth", "traceSite", "TRAITS",
    "reportRuns", "runCard",
    "halfHourlyToDaily", "readHalfHourFiles",
    "BUDGET_RULE", "RESPONSES", "contendersOf", "monthErrors", "notebookRefTable", "annualBudget", "annualBudgets", "budgetDifferences", "budgetDoubt", "budgetErrors", "budgetFigure", "budgetSummary", "closureErrorFigure", "cumulative", "cumulativeYears", "differenceSummary",
    "distanceFigure", "distanceTrends", "driestMonths", "droughtAnomalies", "energyClosure", "errorDistances", "flagSiteYears", "gapsOf", "hasColumn", "hasResponse", "notebookLongTable", "notebookVariants", "oneSite", "phenology",
    "phenologyErrors", "phenologyFigure", "respirationFits", "response", "responseFigure", "seasonAnomalies", "targetView", "waterBalance", "waterUse", "waterUseFigure", "whereKnown", "withTowerExtras",
    "gridTotals", "truthMarkdown", "writeTruth", "writeTotals", "totalsMarkdown", "writeMonthly", "exportMonthly", "mapFields", "besideXbase", "anomalies", "hovmoller", "differenceMap", "applicabilityMap", "fluxMap", "spreadMap", "writeMaps",
    "upscaleRun",
    "againstTruth", "gridTruthPath",
    "OUTLIER_RULE", "availabilityByVariable", "citationsMarkdown", "classesAtSites", "decodeQuality", "readModisProducts", "siteCards", "siteVariables", "tableAvailability", "writeCitations",
    "notebookUpscaling", "notebookMap", "notebookRunsFolder", "notebookWorld",
    "fluxAgreement", "hasHesseflux", "partitionFiles", "partitionHalfHourly", "partitionWarnings",
    "verifyRun",
  ].sort());
});
