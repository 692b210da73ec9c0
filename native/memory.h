// Slots: the buffers that instructions may address. Who owns a buffer, and whether it is still there, is known to the
// caller alone (here: the JavaScript engine); the table asks through Owner.
#pragma once
#include "abi.h"

namespace nabla {

struct Memory {
  char* base;
  int64_t length;  // bytes
  bool fresh;      // no program has written to it, so it is hardly in any cache
};

struct Slot : Memory {
  void* reference;  // the owner's; null when the slot is free
  uint32_t generation;
  uint32_t next_free;
  bool exposed;  // user code holds the buffer too, and may have transferred it away
};

class Owner {
 public:
  // False when the buffer is gone. For an exposed slot, base and length are asked again.
  virtual bool alive(Slot& slot) = 0;
  virtual void forget(Slot& slot) = 0;

 protected:
  ~Owner() = default;
};

// Has the C library keep the memory of freed buffers for the next ones, up to a bound. Only the first call in a process
// does anything.
void keep_freed_memory();

class SlotTable {
 public:
  explicit SlotTable(Owner& owner) : owner_(owner) {}
  ~SlotTable();
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;

  // The new slot's handle, or -1 when there is no memory or no free index left.
  double add(char* base, int64_t length, void* reference, bool exposed);
  // False for a handle that names no slot in use.
  bool release(double handle);
  // Null with `problem` set where the handle is stale or its buffer is gone.
  Slot* find(double handle, const char*& problem);
  int64_t used() const { return used_; }

 private:
  Slot* at(double handle);
  void free_slot(uint32_t index);
  void sweep();
  bool grow();
  void advise_huge_pages(char* base, int64_t length);

  Owner& owner_;
  Slot* slots_ = nullptr;
  uint32_t capacity_ = 0;
  uint32_t first_free_ = kNoSlot;
  int64_t used_ = 0;
  uintptr_t advised_from_ = 0, advised_to_ = 0;
  static constexpr uint32_t kNoSlot = ~0u;
};

}  // namespace nabla
