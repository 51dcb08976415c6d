// key=value words of the command line.
#pragma once
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "clock.h"

namespace bench {

class Options {
 public:
  Options(char** words, int count) {
    for (int i = 0; i < count; i++) {
      const char* at = strchr(words[i], '=');
      if (at == nullptr) Die(std::string("not key=value: ") + words[i]);
      values_[std::string(words[i], static_cast<size_t>(at - words[i]))] = at + 1;
    }
  }
  double Real(const std::string& key, double fallback) const {
    auto found = values_.find(key);
    if (found == values_.end()) return fallback;
    char* end = nullptr;
    double value = strtod(found->second.c_str(), &end);
    if (found->second.empty() || *end != 0) Die(key + " is not a number: " + found->second);
    return value;
  }
  int64_t Number(const std::string& key, int64_t fallback) const {
    return static_cast<int64_t>(Real(key, static_cast<double>(fallback)));
  }
  std::string Text(const std::string& key, const std::string& fallback) const {
    auto found = values_.find(key);
    return found == values_.end() ? fallback : found->second;
  }
  bool Has(const std::string& key) const { return values_.count(key) > 0; }
  const std::map<std::string, std::string>& all() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace bench
