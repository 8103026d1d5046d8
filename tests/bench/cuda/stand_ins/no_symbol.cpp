// Some other shared library.
extern "C" int something_else();
extern "C" int something_else() {
  return 1;
}
