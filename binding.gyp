{
  "targets": [
    {
      "target_name": "millrace",
      "sources": ["<!@(ls native/core/*.cc native/napi/*.cc | grep -v _test.cc)"],
      "include_dirs": ["native", "<!@(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_CPP_EXCEPTIONS", "NAPI_HAS_THREADS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "cflags_cc": ["-std=c++20", "-O2", "-fvisibility=hidden"]
    }
  ]
}
