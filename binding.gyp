# CMakeLists.txt is the build description. This hands `node-gyp rebuild` on to it, for tools that know only node-gyp.
{
  "targets": [
    {
      "target_name": "addon",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "inputs": [],
          "outputs": ["<(PRODUCT_DIR)/nabla.node"],
          "action": ["npx", "--yes", "-p", "cmake-js@8", "-p", "node-addon-api@8", "cmake-js", "build", "--parallel", "4"],
        },
      ],
    },
  ],
}
