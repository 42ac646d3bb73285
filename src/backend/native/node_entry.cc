// The Node side: { op, error, configure(instructions, threads) }. Node-API is a stable binary interface, so the few
// functions used are declared here and the build needs no Node headers.
#include <string>

extern "C" {
typedef struct napi_env__* napi_env;
typedef struct napi_value__* napi_value;
typedef struct napi_callback_info__* napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
int napi_create_string_utf8(napi_env, const char*, size_t, napi_value*);
int napi_create_function(napi_env, const char*, size_t, napi_callback, void*, napi_value*);
int napi_set_named_property(napi_env, napi_value, const char*, napi_value);
int napi_get_cb_info(napi_env, napi_callback_info, size_t*, napi_value*, napi_value*, void**);
int napi_get_value_int32(napi_env, napi_value, int*);
int napi_get_value_string_utf8(napi_env, napi_value, char*, size_t, size_t*);
}

namespace tam {
const std::string& registered();
std::string configure(const std::string& name, int threads);
}  // namespace tam

namespace {

napi_value text(napi_env env, const std::string& value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value.c_str(), value.size(), &result);
  return result;
}

// configure(instructions: "" | name, threads) → the instruction set in use, or "" when this processor lacks it.
napi_value configure(napi_env env, napi_callback_info info) {
  size_t count = 2, length = 0;
  napi_value arguments[2] = {nullptr, nullptr};
  char name[32] = "";
  int threads = 1;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (count > 0) napi_get_value_string_utf8(env, arguments[0], name, sizeof name, &length);
  if (count > 1) napi_get_value_int32(env, arguments[1], &threads);
  return text(env, tam::configure(name, threads));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function = nullptr;
  napi_create_function(env, "configure", 9, configure, nullptr, &function);
  napi_set_named_property(env, exports, "op", text(env, TAM_OP));
  napi_set_named_property(env, exports, "error", text(env, tam::registered()));
  napi_set_named_property(env, exports, "configure", function);
  return exports;
}
