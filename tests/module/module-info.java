/** A program that uses the library. */
module user {
    requires dev.sinew;
}
