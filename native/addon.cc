// The door between JavaScript and the native core, and the only file that knows Node.
//
//   describe()                 op names, arities, element types, the ABI version, the instruction set in use
//   attach(words)              from now on programs are read from this Float64Array
//   register(buffer, exposed)  a slot for an ArrayBuffer: its handle. The slot does not keep the buffer alive.
//   release(handle)
//   threadCount()              how many threads of the process share large work
//   setThreadCount(count)
//   run()                      runs the program in the attached words; throws before touching anything if it is bad
//   disassemble()              that program as text
//
// State is kept per environment (instance data), so every worker thread has its own.
#include <napi.h>
#include <stdlib.h>

#include "memory.h"
#include "program.h"
#include "threads.h"

namespace nabla {
namespace {

class Addon final : public Napi::Addon<Addon>, public Owner, public Buffers {
 public:
  Addon(Napi::Env env, Napi::Object exports) : env_(env), slots_(*this) {
    keep_freed_memory();
    char problem[256];
    set_ = choose_instruction_set(getenv("NABLA_ISA"), problem, sizeof(problem));
    if (set_ == nullptr || !choose_thread_count(getenv("NABLA_NUM_THREADS"), problem, sizeof(problem))) {
      Napi::Error::New(env, problem).ThrowAsJavaScriptException();
      return;
    }
    DefineAddon(exports,
                {InstanceMethod("describe", &Addon::describe), InstanceMethod("attach", &Addon::attach),
                 InstanceMethod("register", &Addon::register_buffer), InstanceMethod("release", &Addon::release),
                 InstanceMethod("disassemble", &Addon::disassemble_words),
                 InstanceMethod("threadCount", &Addon::get_thread_count),
                 InstanceMethod("setThreadCount", &Addon::change_thread_count)});
    // The one hot call is a plain callback: the wrapper of an instance method costs more than a small kernel.
    napi_value run;
    if (napi_create_function(env, "run", NAPI_AUTO_LENGTH, &Addon::run, this, &run) == napi_ok) {
      exports.Set("run", Napi::Value(env, run));
    }
  }

  bool alive(Slot& slot) override {
    napi_value buffer = nullptr;
    if (napi_get_reference_value(env_, static_cast<napi_ref>(slot.reference), &buffer) != napi_ok) return false;
    if (buffer == nullptr) return false;
    if (slot.exposed) {
      void* base;
      size_t length;
      if (napi_get_arraybuffer_info(env_, buffer, &base, &length) != napi_ok) return false;
      slot.base = static_cast<char*>(base);
      slot.length = int64_t(length);
    }
    return true;
  }

  void forget(Slot& slot) override { napi_delete_reference(env_, static_cast<napi_ref>(slot.reference)); }

  Memory* find(double handle, const char*& problem) override { return slots_.find(handle, problem); }

 private:
  static napi_value run(napi_env env, napi_callback_info info) {
    void* self;
    if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &self) != napi_ok) return nullptr;
    Addon& addon = *static_cast<Addon*>(self);
    std::string error;
    const bool good = run_program(addon.words_, addon.word_count_, *addon.set_->kernels, addon, error);
    if (!good) napi_throw_error(env, "NABLA_PROGRAM", error.c_str());
    return nullptr;
  }

  Napi::Value describe(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    Napi::Object result = Napi::Object::New(env);
    result["abi"] = Napi::Number::New(env, kAbiVersion);
    result["isa"] = Napi::String::New(env, set_->name);
    Napi::Array sets = Napi::Array::New(env);
    for (int i = 0; i < kInstructionSetCount; i++) {
      if (kInstructionSets[i].supported()) sets[sets.Length()] = Napi::String::New(env, kInstructionSets[i].name);
    }
    result["isas"] = sets;
    Napi::Array dtypes = Napi::Array::New(env);
    for (uint32_t i = 0; i < kDTypes; i++) dtypes[i] = Napi::String::New(env, kDTypeName[i]);
    result["dtypes"] = dtypes;
    static const char* const kSignatureName[] = {"unary",      "binary",      "ternary", "compare",      "test",
                                                 "select",     "cast",        "reduce",  "reduce_index", "scan",
                                                 "scan_index", "scan_binary", "matrix",  "selection",    "gather"};
    Napi::Array ops = Napi::Array::New(env);
    for (uint32_t i = 0; i < kOps; i++) {
      Napi::Object op = Napi::Object::New(env);
      op["name"] = Napi::String::New(env, kOpInfo[i].name);
      op["code"] = Napi::Number::New(env, i);
      op["signature"] = Napi::String::New(env, kSignatureName[int(kOpInfo[i].signature)]);
      op["arity"] = Napi::Number::New(env, arity(kOpInfo[i].signature));
      op["types"] = Napi::Number::New(env, kOpInfo[i].types);
      ops[i] = op;
    }
    result["ops"] = ops;
    return result;
  }

  Napi::Value fail(const Napi::CallbackInfo& info, const char* message) {
    Napi::TypeError::New(info.Env(), message).ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }

  // Memory that can be resized may go away while its address is kept.
  static bool resizable(Napi::Object buffer) { return buffer.Get("resizable").ToBoolean().Value(); }

  Napi::Value attach(const Napi::CallbackInfo& info) {
    if (info.Length() != 1 || !info[0].IsTypedArray() ||
        info[0].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
      return fail(info, "attach(words: Float64Array)");
    }
    const Napi::Value memory = info[0].As<Napi::Object>().Get("buffer");
    if (!memory.IsArrayBuffer() || resizable(memory.As<Napi::Object>())) {
      return fail(info, "attach: words in shared or resizable memory");
    }
    Napi::Float64Array words = info[0].As<Napi::Float64Array>();
    words_keeper_ = Napi::Persistent(words.As<Napi::Object>());
    words_ = words.Data();
    word_count_ = int64_t(words.ElementLength());
    return info.Env().Undefined();
  }

  Napi::Value register_buffer(const Napi::CallbackInfo& info) {
    if (info.Length() != 2 || !info[0].IsArrayBuffer() || !info[1].IsBoolean()) {
      return fail(info, "register(buffer: ArrayBuffer, exposed: boolean)");
    }
    Napi::ArrayBuffer buffer = info[0].As<Napi::ArrayBuffer>();
    if (resizable(buffer)) return fail(info, "register: a resizable ArrayBuffer");
    napi_ref reference;
    if (napi_create_reference(env_, buffer, 0, &reference) != napi_ok) return fail(info, "register: no reference");
    const double handle = slots_.add(static_cast<char*>(buffer.Data()), int64_t(buffer.ByteLength()), reference,
                                     info[1].As<Napi::Boolean>().Value());
    if (handle < 0) {
      napi_delete_reference(env_, reference);
      return fail(info, "register: too many buffers are in use");
    }
    return Napi::Number::New(info.Env(), handle);
  }

  Napi::Value release(const Napi::CallbackInfo& info) {
    if (info.Length() != 1 || !info[0].IsNumber() || !slots_.release(info[0].As<Napi::Number>().DoubleValue())) {
      return fail(info, "release(handle): no such slot");
    }
    return info.Env().Undefined();
  }

  Napi::Value disassemble_words(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), disassemble_program(words_, word_count_));
  }

  Napi::Value get_thread_count(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), thread_count()); }

  Napi::Value change_thread_count(const Napi::CallbackInfo& info) {
    const double count = info.Length() == 1 && info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
    if (!(count >= 1 && count <= kMostThreads) || count != int(count)) {
      return fail(info, "setThreadCount(count): a whole number in range");
    }
    set_thread_count(int(count));
    return info.Env().Undefined();
  }

  napi_env env_;
  SlotTable slots_;
  const InstructionSet* set_ = nullptr;
  Napi::ObjectReference words_keeper_;
  const double* words_ = nullptr;
  int64_t word_count_ = 0;
};

}  // namespace
}  // namespace nabla

using NablaAddon = nabla::Addon;
NODE_API_NAMED_ADDON(nabla, NablaAddon)
