import * as fs from "node:fs";
import { xgboostFile } from "../../src/backend/xgboost/library";

/** The `skip` option of a test that trains with XGBoost: where set-up could not have the library. */
export const needsXgboost: { skip: string | false } = {
  skip: fs.existsSync(process.env["TAMRL_XGBOOST"] || xgboostFile()) ? false : "needs the XGBoost library, which set-up could not have here",
};
