import type { Day } from "../../core/days";
import type { Axis } from "./axis";
import type { ZarrArray, ZarrOutput } from "./zarr-output";

/** Where and when a gridded store lies. */
export interface GridFrame {
  readonly lat: Pick<Axis, "centres">;
  readonly lon: Pick<Axis, "centres">;
  readonly days: { readonly first: Day; readonly length: number };
}

/**
 * The coordinates `time`, `lat` and `lon` of a store, as CF names them; their values are written by `writeCoordinates`.
 * @source CF conventions 1.10, §4.1, §4.2 and §4.4
 * @example await createZarr("O.zarr", attributes, [...coordinateArrays(frame), gpp])
 */
export function coordinateArrays({ lat, lon, days }: GridFrame): ZarrArray[] {
  const degrees = (name: string, long: string, units: string, axis: string, n: number): ZarrArray =>
    ({ name, dims: [name], shape: [n], chunks: [n], type: "float64", fill: NaN, attributes: { standard_name: long, long_name: long, units, axis } });
  return [
    { name: "time", dims: ["time"], shape: [days.length], chunks: [days.length], type: "int32", fill: -1, attributes: { standard_name: "time", units: "days since 1970-01-01", calendar: "standard", axis: "T" } },
    degrees("lat", "latitude", "degrees_north", "Y", lat.centres.length),
    degrees("lon", "longitude", "degrees_east", "X", lon.centres.length),
  ];
}

/** Writes what `coordinateArrays` described. @example await writeCoordinates(out, frame) */
export async function writeCoordinates(out: ZarrOutput, { lat, lon, days }: GridFrame): Promise<void> {
  await out.write("time", [[0, days.length]], Int32Array.from({ length: days.length }, (_, i) => days.first + i));
  await out.write("lat", [[0, lat.centres.length]], Float64Array.from(lat.centres));
  await out.write("lon", [[0, lon.centres.length]], Float64Array.from(lon.centres));
}
