// Element types, in the order every table and every instruction word uses.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace nabla {

// A bool element is one byte and any non-zero byte is true: a live view may hold a byte other than 0 or 1.
struct Bool {
  uint8_t byte;
  Bool() = default;
  [[gnu::always_inline]] Bool(bool value) : byte(value ? 1 : 0) {}
  [[gnu::always_inline]] operator bool() const { return byte != 0; }
};

// X(enumerator, C++ type, name, category): category 0 bool, 1 integer, 2 floating point
#define NABLA_DTYPES(X)        \
  X(f32, float, "float32", 2)  \
  X(f64, double, "float64", 2) \
  X(i64, int64_t, "int64", 1)  \
  X(i32, int32_t, "int32", 1)  \
  X(i16, int16_t, "int16", 1)  \
  X(i8, int8_t, "int8", 1)     \
  X(u8, uint8_t, "uint8", 1)   \
  X(b8, Bool, "bool", 0)

enum class DType : uint8_t {
#define X(name, type, text, category) name,
  NABLA_DTYPES(X)
#undef X
};

#define X(name, type, text, category) +1
constexpr int kDTypes = 0 NABLA_DTYPES(X);
#undef X

#define X(name, type, text, category) sizeof(type),
constexpr int64_t kItemSize[kDTypes] = {NABLA_DTYPES(X)};
#undef X

#define X(name, type, text, category) text,
constexpr const char* kDTypeName[kDTypes] = {NABLA_DTYPES(X)};
#undef X

template <class T>
struct DTypeOf;
#define X(name, type, text, category)           \
  template <>                                   \
  struct DTypeOf<type> {                        \
    static constexpr DType value = DType::name; \
  };
NABLA_DTYPES(X)
#undef X

template <class T>
constexpr bool is_float = false;
template <>
inline constexpr bool is_float<float> = true;
template <>
inline constexpr bool is_float<double> = true;
template <class T>
constexpr bool is_bool = false;
template <>
inline constexpr bool is_bool<Bool> = true;
template <class T>
constexpr bool is_integer = !is_float<T> && !is_bool<T>;

}  // namespace nabla
