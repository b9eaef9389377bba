/** Well-known nets, ready to be trained. */
module dev.sinew.models {
    requires transitive dev.sinew;

    exports dev.sinew.models;
}
