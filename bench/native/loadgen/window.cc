#include "window.h"

#include <dirent.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "../common/clock.h"

namespace bench {
namespace {

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The number behind `label` in a /proc status file; 0 when the label is not there.
uint64_t Field(const std::string& text, const char* label) {
  const size_t at = text.find(label);
  return at == std::string::npos ? 0 : strtoull(text.c_str() + at + strlen(label), nullptr, 10);
}

}  // namespace

ProcessFigures ReadProcess(int pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const std::string stat = ReadText(folder + "/stat");
  const size_t name_end = stat.rfind(')');  // the name may hold spaces
  if (name_end == std::string::npos) Die("no process " + std::to_string(pid));
  unsigned long long user = 0, system = 0;
  sscanf(stat.c_str() + name_end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system);
  ProcessFigures figures;
  figures.cpu_seconds = static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  figures.anonymous_mib = static_cast<double>(Field(ReadText(folder + "/status"), "RssAnon:")) / 1024;
  if (DIR* tasks = opendir((folder + "/task").c_str())) {
    while (const dirent* task = readdir(tasks)) {
      if (task->d_name[0] == '.') continue;
      const std::string status = ReadText(folder + "/task/" + task->d_name + "/status");
      figures.switches += Field(status, "\nvoluntary_ctxt_switches:") + Field(status, "nonvoluntary_ctxt_switches:");
    }
    closedir(tasks);
  }
  return figures;
}

Window::~Window() {
  if (reader_.joinable()) reader_.join();
}

void Window::Begin() {
  began_ = NowMicros();
  own_before_ = OwnCpuSeconds();
  if (pid_ > 0) reader_ = std::thread([this] { before_ = ReadProcess(pid_); });
}

void Window::End() {
  ended_ = NowMicros();
  own_after_ = OwnCpuSeconds();
  if (pid_ == 0) return;
  reader_.join();
  after_ = ReadProcess(pid_);
}

void Window::AddTo(Result* result) const {
  result->Real("seconds", seconds());
  result->Real("generatorCpu", own_after_ - own_before_);
  if (pid_ == 0) return;
  result->Real("brokerCpu", after_.cpu_seconds - before_.cpu_seconds);
  result->Count("brokerSwitches", after_.switches > before_.switches ? after_.switches - before_.switches : 0);
  result->Real("brokerAnonMiB", after_.anonymous_mib);
}

}  // namespace bench
