// A module that needs a library which the loader of the system cannot find.
extern "C" int something_else();
extern "C" int forward_to_missing_library();
extern "C" int forward_to_missing_library() {
  return something_else();
}
