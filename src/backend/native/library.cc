// One shared object that is both a Node addon (node_entry.cc) and a TensorFlow op library. Here: which instruction set runs.
#include "op.h"

namespace tam {
namespace {

#if defined(__x86_64__)
bool hasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool hasAvx512() {
  return hasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw");
}
#endif

// The set of that name, or the fastest this processor runs when `name` is empty; false when it does not run it.
bool find(const std::string& name, InstructionSet& found) {
#if defined(__x86_64__)
  if ((name.empty() || name == "avx512") && hasAvx512()) return found = {"avx512", &avx512Kernels, &avx512Days}, true;
  if ((name.empty() || name == "avx2") && hasAvx2()) return found = {"avx2", &avx2Kernels, &avx2Days}, true;
#endif
  if (!name.empty() && name != "portable") return false;
  found = {"portable", &portableKernels, &portableDays};
  return true;
}

InstructionSet& current() {
  static InstructionSet set = [] {
    InstructionSet fastest{};
    find("", fastest);
    return fastest;
  }();
  return set;
}

std::string registerAll() {
  const std::string built = TAM_TF_VERSION, running = TF_Version();
  if (!built.empty() && built != running) return "it was built for libtensorflow " + built + ", and " + running + " is running";
  for (std::string (*part)() : {registerLstm, registerDays, registerAdam}) {
    const std::string message = part();
    if (!message.empty()) return message;
  }
  return "";
}

}  // namespace

const InstructionSet& chosen() { return current(); }

// For node_entry.cc.
const std::string& registered() {
  static const std::string message = registerAll();
  return message;
}
std::string configure(const std::string& name, int threads) {
  InstructionSet set{};
  if (!find(name, set)) return "";
  ThreadPool& pool = ThreadPool::shared();
  std::lock_guard<std::mutex> turn(pool.turn());
  current() = set;
  pool.setThreads(threads);
  return set.name;
}

}  // namespace tam
