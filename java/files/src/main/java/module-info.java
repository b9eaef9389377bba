/** Data sets in files: folders of pictures, CSV tables, WAV recordings. */
module dev.sinew.files {
    requires transitive dev.sinew;
    requires de.siegmar.fastcsv;
    requires java.desktop;

    exports dev.sinew.files;
}
