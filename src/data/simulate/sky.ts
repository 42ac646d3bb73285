/** What the sun does over a place, by day of the year `[366]`. */
export interface Sky {
  /** radiation at the top of the atmosphere, daily mean, W m⁻² */
  readonly top: Float64Array;
  /** hours of daylight */
  readonly daylight: Float64Array;
  /** solar zenith at the overpass of Terra, 10:30 solar time, ° */
  readonly zenith: Float64Array;
  /** solar azimuth at the overpass, ° east of north, −180…180 */
  readonly azimuth: Float64Array;
}

const DAYS = 366;
const SOLAR_CONSTANT = 1367;
const OVERPASS_HOUR_ANGLE = (-1.5 * Math.PI) / 12;

/**
 * Sun over a latitude, day by day of the year.
 * @source Allen et al. 1998, FAO Irrigation and Drainage Paper 56, eq. 21–25 and 34 (radiation, day length); Iqbal 1983, An
 * Introduction to Solar Radiation, eq. 1.5.1–1.5.2 (zenith, azimuth)
 * @example skyOver(0).daylight[80] // about 12
 */
export function skyOver(lat: number): Sky {
  const phi = (lat * Math.PI) / 180;
  const sky: Sky = { top: new Float64Array(DAYS), daylight: new Float64Array(DAYS), zenith: new Float64Array(DAYS), azimuth: new Float64Array(DAYS) };
  for (let d = 0; d < DAYS; d++) {
    const angle = (2 * Math.PI * (d + 1)) / 365.25;
    const declination = 0.409 * Math.sin(angle - 1.39);
    const sunset = Math.acos(Math.min(1, Math.max(-1, -Math.tan(phi) * Math.tan(declination))));
    const [ss, cc] = [Math.sin(phi) * Math.sin(declination), Math.cos(phi) * Math.cos(declination)];
    sky.top[d] = Math.max(0, (SOLAR_CONSTANT / Math.PI) * (1 + 0.033 * Math.cos(angle)) * (sunset * ss + cc * Math.sin(sunset)));
    sky.daylight[d] = (24 / Math.PI) * sunset;
    const cosZenith = ss + cc * Math.cos(OVERPASS_HOUR_ANGLE);
    const zenith = Math.acos(Math.min(1, Math.max(-1, cosZenith)));
    sky.zenith[d] = (zenith * 180) / Math.PI;
    const east = -Math.cos(declination) * Math.sin(OVERPASS_HOUR_ANGLE);
    const north = Math.cos(phi) * Math.sin(declination) - Math.sin(phi) * Math.cos(declination) * Math.cos(OVERPASS_HOUR_ANGLE);
    sky.azimuth[d] = (Math.atan2(east, north) * 180) / Math.PI;
  }
  return sky;
}
