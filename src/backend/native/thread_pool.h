// Threads that stay: made once, asleep between operations.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace tam {

// Tiny numbers count as 0 while this lives, as in TensorFlow's own kernels: a vanishing gradient must not slow training.
class FlushTiny {
 public:
#if defined(__x86_64__)
  FlushTiny() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
  ~FlushTiny() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#elif defined(__aarch64__)
  FlushTiny() {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" ::"r"(before_ | (uint64_t{1} << 24)));
  }
  ~FlushTiny() { asm volatile("msr fpcr, %0" ::"r"(before_)); }

 private:
  uint64_t before_;
#endif
};

// Floats that grow and are kept between operations, so that none of them pays for fresh pages.
class Arena {
 public:
  float* floats(size_t n) {
    if (n > size_) {
      std::free(data_);
      data_ = nullptr;
      size_ = 0;
      const size_t bytes = (n * sizeof(float) + 63) / 64 * 64;
      data_ = static_cast<float*>(std::aligned_alloc(64, bytes));
      if (data_ == nullptr) throw std::bad_alloc();
      size_ = n;
    }
    return data_;
  }

 private:
  float* data_ = nullptr;
  size_t size_ = 0;
};

class ThreadPool {
 public:
  // Never destroyed: its threads may still wait when the process ends.
  static ThreadPool& shared() {
    static ThreadPool* pool = new ThreadPool();
    return *pool;
  }

  // Whoever computes holds this: two operations at once would share the arenas.
  std::mutex& turn() { return turn_; }
  Arena& arena(size_t slot) {
    if (slot >= arenas_.size()) arenas_.resize(slot + 1);
    return arenas_[slot];
  }

  int threads() const { return threads_; }
  void setThreads(int n) { threads_ = n < 1 ? 1 : n; }

  // task(0) … task(n − 1), each once; returns when all are done. Holds `turn` already.
  void run(int n, const std::function<void(int)>& task) {
    if (n <= 1 || threads_ <= 1) {
      FlushTiny flush;
      for (int k = 0; k < n; k++) task(k);
      return;
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      while (static_cast<int>(workers_.size()) < threads_ - 1) {
        try {
          workers_.emplace_back([this] { work(); });
        } catch (const std::system_error&) {
          break;  // the system gives no more threads; those at hand do all the work
        }
      }
      task_ = &task;
      next_ = 0;
      count_ = left_ = n;
    }
    wake_.notify_all();
    drain();
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return left_ == 0; });
    task_ = nullptr;
  }

 private:
  void work() {
    for (;;) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [this] { return task_ != nullptr && next_ < count_; });
      }
      drain();
    }
  }

  void drain() {
    FlushTiny flush;
    for (;;) {
      const std::function<void(int)>* task;
      int k;
      {
        std::lock_guard<std::mutex> lock(mutex_);
        if (task_ == nullptr || next_ >= count_) return;
        task = task_;
        k = next_++;
      }
      (*task)(k);
      std::lock_guard<std::mutex> lock(mutex_);
      if (--left_ == 0) done_.notify_all();
    }
  }

  std::mutex turn_, mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> workers_;
  std::vector<Arena> arenas_;
  const std::function<void(int)>* task_ = nullptr;
  int next_ = 0, count_ = 0, left_ = 0, threads_ = 1;
};

}  // namespace tam
