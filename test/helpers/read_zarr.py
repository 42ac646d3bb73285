"""What xarray finds in a Zarr store, as JSON: sizes, attributes, and of every array its axes, type, unit and the SHA-256 of its values."""
import hashlib
import json
import sys

import numpy as np
import xarray as xr

with xr.open_zarr(sys.argv[1], consolidated=False, mask_and_scale=False) as store:
    arrays = {
        str(name): {
            "dims": list(array.dims),
            "type": str(array.dtype),
            "units": array.attrs.get("units"),
            "sha256": hashlib.sha256(np.ascontiguousarray(array.values).tobytes()).hexdigest(),
        }
        for name, array in store.variables.items()
        if name != "time"
    }
    days = [str(day)[:10] for day in store["time"].values[[0, -1]]] if "time" in store else []
    print(json.dumps({"sizes": dict(store.sizes), "attributes": store.attrs, "days": days, "arrays": arrays}))
