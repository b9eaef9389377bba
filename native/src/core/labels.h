/* Class labels: checked here, all of them, before a kernel indexes anything with one. */
#ifndef SN_CORE_LABELS_H
#define SN_CORE_LABELS_H

#include "sinew.h"

typedef struct {
    const int32_t *labels; /* [rows] */
    int64_t rows, classes;
    int64_t ignore_index;  /* a label of this value passes, be it a class or not */
    int32_t dtype;
    const void *weights;   /* [classes] or NULL: all 1 */
} sn_labels;

/* SN_ERR_VALUE when a label is neither in [0, classes) nor ignore_index. Else *weight_sum, unless NULL, becomes the sum
 * of the weights of the labels that are not ignored, added in an order that depends on the number of rows alone. */
sn_status sn_labels_check(const sn_labels *l, double *weight_sum);

#endif
