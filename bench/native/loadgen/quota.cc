// quota: sets or removes a quota of a client id.
#include "connection.h"
#include "modes.h"
#include "requests.h"
#include "result.h"

namespace bench {

int Quota(int port, const std::string&, const Options& options) {
  const double value = options.Real("value", -1);
  Caller caller(port);
  Cursor answer(caller.Ask(
      AlterClientQuotaRequest(options.Text("of", ""), options.Text("key", "producer_byte_rate"), value)));
  answer.i32();
  if (answer.i32() != 1) Die("AlterClientQuotas: not one entry in the answer");
  const int16_t error = answer.i16();
  if (error != 0) Die("AlterClientQuotas: error " + std::to_string(error) + " " + answer.text());
  Result result;
  result.Real("value", value);
  result.Print();
  return 0;
}

}  // namespace bench
