/** Nets from and to ONNX files. */
module dev.sinew.onnx {
    requires transitive dev.sinew;
    requires org.tribuo.util.onnx;
    requires com.google.protobuf;

    exports dev.sinew.onnx;
}
