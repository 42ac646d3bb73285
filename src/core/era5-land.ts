import type { ColumnSpec } from "./columns";

type Band = readonly [name: string, unit: string, low: number, high: number];

const kelvin = (name: string): Band => [name, "K", 150, 350];
/** States: the day's mean under the name itself, its extremes under `_min` and `_max`. */
const STATES: readonly Band[] = [
  ...["dewpoint_temperature_2m", "temperature_2m", "skin_temperature", "soil_temperature_level_1", "soil_temperature_level_2", "soil_temperature_level_3", "soil_temperature_level_4",
    "lake_bottom_temperature", "lake_ice_temperature", "lake_mix_layer_temperature", "lake_total_layer_temperature", "temperature_of_snow_layer"].map(kelvin),
  ["lake_ice_depth", "m", 0, 100], ["lake_mix_layer_depth", "m", 0, 1500], ["lake_shape_factor", "1", 0, 1.1],
  ["snow_albedo", "1", 0, 1], ["snow_cover", "%", 0, 100.1], ["snow_density", "kg m⁻³", 0, 1000], ["snow_depth", "m", 0, 200], ["snow_depth_water_equivalent", "m", 0, 100],
  ["skin_reservoir_content", "m", 0, 0.1], ["volumetric_soil_water_layer_1", "m³ m⁻³", -0.1, 1.1], ["volumetric_soil_water_layer_2", "m³ m⁻³", -0.1, 1.1],
  ["volumetric_soil_water_layer_3", "m³ m⁻³", -0.1, 1.1], ["volumetric_soil_water_layer_4", "m³ m⁻³", -0.1, 1.1], ["forecast_albedo", "1", 0, 1],
  ["u_component_of_wind_10m", "m s⁻¹", -80, 80], ["v_component_of_wind_10m", "m s⁻¹", -80, 80], ["surface_pressure", "Pa", 40_000, 112_000],
  ["leaf_area_index_high_vegetation", "m² m⁻²", 0, 15], ["leaf_area_index_low_vegetation", "m² m⁻²", 0, 15],
];
const joule = (name: string): Band => [name, "J m⁻²", -1e8, 1e8];
const metre = (name: string): Band => [name, "m", -1, 1];
/** Sums over the day under `_sum`, extremes of the hour under `_min` and `_max`. */
const SUMS: readonly Band[] = [
  ...["surface_latent_heat_flux", "surface_net_solar_radiation", "surface_net_thermal_radiation", "surface_sensible_heat_flux", "surface_solar_radiation_downwards", "surface_thermal_radiation_downwards"].map(joule),
  ...["snowfall", "snowmelt", "evaporation_from_bare_soil", "evaporation_from_open_water_surfaces_excluding_oceans", "evaporation_from_the_top_of_canopy", "evaporation_from_vegetation_transpiration",
    "potential_evaporation", "runoff", "snow_evaporation", "sub_surface_runoff", "surface_runoff", "total_evaporation", "total_precipitation"].map(metre),
];
const RAIN = /^(total_precipitation|snowfall)_/;

function spec(name: string, unit: string, low: number, high: number): ColumnSpec {
  return { name, unit, group: "reanalysis", label: `ERA5-Land ${name.replace(/_/g, " ")}`, range: [low, high], fill: RAIN.test(name) ? "zero" : "linear" };
}

/**
 * The 150 daily aggregates of ERA5-Land under their published names, of which the benchmark's sets `minimal` (6), `standard` (36) and
 * `full` (150) are made. Units as published; ranges are wide enough for any place on land.
 * @source Muñoz-Sabater et al. 2021, doi:10.5194/essd-13-4349-2021; names of the daily aggregates as in CarbonFluxBench, arXiv 2603.09868
 */
export const ERA5_LAND: readonly ColumnSpec[] = [
  ...STATES.flatMap(([name, unit, low, high]) => ["", "_min", "_max"].map((end) => spec(`${name}${end}`, unit, low, high))),
  ...SUMS.flatMap(([name, unit, low, high]) => ["_sum", "_min", "_max"].map((end) => spec(`${name}${end}`, end === "_sum" ? `${unit} d⁻¹` : unit, low, high))),
];
