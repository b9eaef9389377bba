/** A program in a module of its own. */
module org.example {
    requires dev.sinew;
}
