#include "group_requests.h"

#include "requests.h"

namespace bench {
namespace {

void NullText(Bytes* out) { out->i16(-1); }

void Body(Bytes* out, const Bytes& bytes) {
  out->i32(static_cast<int32_t>(bytes.size()));
  out->insert(out->end(), bytes.begin(), bytes.end());
}

// Metadata of a consumer that wants one topic (ConsumerProtocolSubscription v0).
Bytes Subscription(const std::string& topic) {
  Bytes out;
  out.i16(0);
  out.i32(1);
  out.text(topic);
  out.i32(-1);
  return out;
}

// One partition of one topic (ConsumerProtocolAssignment v0).
Bytes Assignment(const std::string& topic, int32_t partition) {
  Bytes out;
  out.i16(0);
  out.i32(1);
  out.text(topic);
  out.i32(1);
  out.i32(partition);
  out.i32(-1);
  return out;
}

}  // namespace

Bytes FindCoordinatorRequest(const std::string& group) {
  Bytes out = Header(10, 2);
  out.text(group);
  out.i8(0);
  return Framed(std::move(out));
}

int16_t FindCoordinatorError(Span body) {
  Cursor cursor(body);
  cursor.i32();
  return cursor.i16();
}

Bytes JoinGroupRequest(const Membership& who, const std::string& topic) {
  Bytes out = Header(11, 5);
  out.text(who.group);
  out.i32(30000);
  out.i32(60000);
  out.text(who.member);
  NullText(&out);
  out.text("consumer");
  out.i32(1);
  out.text("range");
  Body(&out, Subscription(topic));
  return Framed(std::move(out));
}

Joined ReadJoinGroup(Span body) {
  Cursor cursor(body);
  Joined joined;
  cursor.i32();
  joined.error = cursor.i16();
  joined.generation = cursor.i32();
  cursor.text();
  joined.leader = cursor.text();
  joined.member = cursor.text();
  for (int32_t left = cursor.i32(); left > 0; left--) {
    joined.members.push_back(cursor.text());
    cursor.text();
    const int32_t size = cursor.i32();
    if (size > 0) cursor.Take(static_cast<size_t>(size));
  }
  return joined;
}

Bytes SyncGroupRequest(const Membership& who, const std::string& topic, const std::vector<std::string>& members) {
  Bytes out = Header(14, 3);
  out.text(who.group);
  out.i32(who.generation);
  out.text(who.member);
  NullText(&out);
  out.i32(static_cast<int32_t>(members.size()));
  for (size_t i = 0; i < members.size(); i++) {
    out.text(members[i]);
    Body(&out, Assignment(topic, static_cast<int32_t>(i)));
  }
  return Framed(std::move(out));
}

Bytes HeartbeatRequest(const Membership& who) {
  Bytes out = Header(12, 3);
  out.text(who.group);
  out.i32(who.generation);
  out.text(who.member);
  NullText(&out);
  return Framed(std::move(out));
}

Bytes LeaveGroupRequest(const Membership& who) {
  Bytes out = Header(13, 3);
  out.text(who.group);
  out.i32(1);
  out.text(who.member);
  NullText(&out);
  return Framed(std::move(out));
}

int16_t GroupError(Span body) {
  Cursor cursor(body);
  cursor.i32();
  return cursor.i16();
}

Bytes OffsetCommitRequest(const Membership& who, const std::string& topic, int32_t partition, int64_t offset) {
  Bytes out = Header(8, 7);
  out.text(who.group);
  out.i32(who.generation);
  out.text(who.member);
  NullText(&out);
  out.i32(1);
  out.text(topic);
  out.i32(1);
  out.i32(partition);
  out.i64(offset);
  out.i32(-1);
  NullText(&out);
  return Framed(std::move(out));
}

int16_t OffsetCommitError(Span body) {
  Cursor cursor(body);
  cursor.i32();
  if (cursor.i32() != 1) return -1;
  cursor.text();
  if (cursor.i32() != 1) return -1;
  cursor.i32();
  return cursor.i16();
}

}  // namespace bench
