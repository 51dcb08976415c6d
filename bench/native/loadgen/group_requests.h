// Requests of the classic group protocol and the answers to them, in the last versions before the flexible ones.
#pragma once
#include <string>
#include <vector>

#include "answers.h"

namespace bench {

Bytes FindCoordinatorRequest(const std::string& group);  // v2
int16_t FindCoordinatorError(Span body);

struct Membership {
  std::string group, member;  // member: empty before the broker gave a name
  int32_t generation = -1;
};

Bytes JoinGroupRequest(const Membership& who, const std::string& topic);  // v5
struct Joined {
  int16_t error = 0;
  int32_t generation = -1;
  std::string leader, member;
  std::vector<std::string> members;  // the leader's answer only
};
Joined ReadJoinGroup(Span body);

// The leader gives every one of `members` an assignment; others pass none.
Bytes SyncGroupRequest(const Membership& who, const std::string& topic, const std::vector<std::string>& members);  // v3
Bytes HeartbeatRequest(const Membership& who);   // v3
Bytes LeaveGroupRequest(const Membership& who);  // v3
// All three answers begin with the throttle time and the error.
int16_t GroupError(Span body);

Bytes OffsetCommitRequest(const Membership& who, const std::string& topic, int32_t partition, int64_t offset);  // v7
int16_t OffsetCommitError(Span body);

}  // namespace bench
