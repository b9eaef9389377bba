/** Generated bindings of libsinew and its loader; an implementation detail of {@code dev.sinew}. */
module dev.sinew.bindings {
    exports dev.sinew.bindings to dev.sinew;
}
