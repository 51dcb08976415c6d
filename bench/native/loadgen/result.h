// The JSON object that a run prints: numbers only, flat.
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>

#include "../common/histogram.h"

namespace bench {

class Result {
 public:
  void Count(const std::string& name, uint64_t value) { Add(name, std::to_string(value)); }
  void Real(const std::string& name, double value) {
    char text[64];
    snprintf(text, sizeof text, "%.6f", value);
    Add(name, text);
  }
  // p50us, p99us, p999us, maxus; with a prefix e2eP50us and so on.
  void Percentiles(const std::string& prefix, const Histogram& of) {
    const std::string p = prefix.empty() ? "p" : prefix + "P";
    Count(p + "50us", of.At(0.5));
    Count(p + "99us", of.At(0.99));
    Count(p + "999us", of.At(0.999));
    Count(prefix.empty() ? "maxus" : prefix + "Maxus", of.max());
  }
  void Print() const { printf("{%s}\n", text_.c_str()); }

 private:
  void Add(const std::string& name, const std::string& value) {
    text_ += (text_.empty() ? "\"" : ",\"") + name + "\":" + value;
  }
  std::string text_;
};

}  // namespace bench
