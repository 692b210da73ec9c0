#include "memory.h"

#include <stdlib.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "kernels/kernels.h"

namespace nabla {

namespace {
constexpr uint32_t kFirstCapacity = 1024;
constexpr uint32_t kGenerations = uint32_t(1) << 31;
constexpr int kLargestFromHeap = 32 << 20;  // the most that glibc takes
}  // namespace

// V8 takes buffers from malloc and gives them back by the dozen, at each scavenge. As glibc comes, those of 128 KB and
// more go back to the kernel each time, and a page fault for every 4 KB of the next ones costs more than computing them
// does. What the environment says of these settings stands.
void keep_freed_memory() {
#ifdef __GLIBC__
  static const bool done = [] {
    constexpr int kKept = 256 << 20;
    constexpr int kGrowth = 32 << 20;
    if (getenv("MALLOC_MMAP_THRESHOLD_") == nullptr) mallopt(M_MMAP_THRESHOLD, kLargestFromHeap);
    if (getenv("MALLOC_TRIM_THRESHOLD_") == nullptr) mallopt(M_TRIM_THRESHOLD, kKept);
    if (getenv("MALLOC_TOP_PAD_") == nullptr) mallopt(M_TOP_PAD, kGrowth);
    return true;
  }();
  static_cast<void>(done);
#endif
}

SlotTable::~SlotTable() { free(slots_); }

Slot* SlotTable::at(double handle) {
  if (!(handle >= 0 && handle < double(kSlotIndexRange) * kGenerations)) return nullptr;
  const int64_t whole = int64_t(handle);
  if (double(whole) != handle) return nullptr;
  const int64_t index = whole & (kSlotIndexRange - 1);
  if (index >= capacity_) return nullptr;
  Slot& slot = slots_[index];
  return slot.reference != nullptr && slot.generation == uint32_t(whole / kSlotIndexRange) ? &slot : nullptr;
}

Slot* SlotTable::find(double handle, const char*& problem) {
  Slot* slot = at(handle);
  if (slot == nullptr) {
    problem = "no such slot (released, or never registered)";
    return nullptr;
  }
  if (!owner_.alive(*slot)) {
    problem = "the slot's buffer is gone";
    return nullptr;
  }
  return slot;
}

void SlotTable::free_slot(uint32_t index) {
  Slot& slot = slots_[index];
  owner_.forget(slot);
  slot.reference = nullptr;
  slot.base = nullptr;
  slot.length = 0;
  slot.generation = (slot.generation + 1) % kGenerations;
  slot.next_free = first_free_;
  first_free_ = index;
  used_--;
}

bool SlotTable::release(double handle) {
  Slot* slot = at(handle);
  if (slot == nullptr) return false;
  free_slot(uint32_t(slot - slots_));
  return true;
}

// Nothing tells us when a buffer is collected, not inside a synchronous loop; so when the table is full we ask.
void SlotTable::sweep() {
  for (uint32_t i = 0; i < capacity_; i++) {
    Slot& slot = slots_[i];
    if (slot.reference != nullptr && !owner_.alive(slot)) free_slot(i);
  }
}

bool SlotTable::grow() {
  const int64_t wanted = capacity_ == 0 ? kFirstCapacity : int64_t(capacity_) * 2;
  const int64_t capacity = wanted < kSlotIndexRange ? wanted : kSlotIndexRange;
  if (capacity == capacity_) return false;
  Slot* slots = static_cast<Slot*>(realloc(slots_, size_t(capacity) * sizeof(Slot)));
  if (slots == nullptr) return false;
  slots_ = slots;
  for (uint32_t i = uint32_t(capacity); i-- > capacity_;) {
    slots_[i] = Slot{{nullptr, 0, false}, nullptr, 0, first_free_, false};
    first_free_ = i;
  }
  capacity_ = uint32_t(capacity);
  return true;
}

// Fresh memory costs a page fault for each page that is first written: with huge pages, a few hundred times fewer.
// The heap's memory comes again and again, and is advised once.
void SlotTable::advise_huge_pages(char* base, int64_t length) {
#ifdef __linux__
  constexpr uintptr_t kHugePage = uintptr_t(1) << 21;
  const uintptr_t from = (uintptr_t(base) + kHugePage - 1) & ~(kHugePage - 1);
  const uintptr_t to = (uintptr_t(base) + uintptr_t(length)) & ~(kHugePage - 1);
  if (to <= from) return;
  const bool from_heap = length < kLargestFromHeap;
  if (from_heap && from >= advised_from_ && to <= advised_to_) return;
  madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
  if (!from_heap) return;
  const bool touches = from <= advised_to_ && to >= advised_from_;
  advised_from_ = touches && advised_from_ < from ? advised_from_ : from;
  advised_to_ = touches && advised_to_ > to ? advised_to_ : to;
#endif
}

double SlotTable::add(char* base, int64_t length, void* reference, bool exposed) {
  if (first_free_ == kNoSlot) {
    sweep();
    // Growing while more than half is still in use keeps sweeps rare.
    if (used_ * 2 >= capacity_ && !grow() && first_free_ == kNoSlot) return -1;
  }
  advise_huge_pages(base, length);
  const uint32_t index = first_free_;
  Slot& slot = slots_[index];
  first_free_ = slot.next_free;
  slot.base = base;
  slot.length = length;
  slot.fresh = true;
  slot.reference = reference;
  slot.exposed = exposed;
  used_++;
  return double(slot.generation) * double(kSlotIndexRange) + double(index);
}

void* scratch(int which, size_t bytes) {
  struct Block {
    void* memory = nullptr;
    size_t bytes = 0;
    ~Block() { free(memory); }
  };
  static thread_local Block blocks[kScratchBlocks];
  Block& block = blocks[which];
  if (block.bytes < bytes) {
    free(block.memory);
    const size_t rounded = (bytes + 4095) / 4096 * 4096;
    block.memory = aligned_alloc(64, rounded);
    block.bytes = block.memory == nullptr ? 0 : rounded;
  }
  return block.memory;
}

}  // namespace nabla
