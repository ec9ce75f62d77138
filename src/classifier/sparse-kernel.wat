;; The loops an answer spends most of its arithmetic in. Plain twins: LinearPart and Network in this folder.
;; After a change: node .config/build-kernel.mjs
(module
  (memory (export "memory") 1)

  ;; For every entry of every feature of the vector: sums[outputs[entry]] += value * weights[entry].
  ;; `starts` points to u32, `sums` to f64, `entries` to the rows, each its outputs (u16) and then its weights (i8):
  ;; a row is one stretch of memory, and two or three cache lines.
  (func (export "addEntries")
    (param $indices i32) (param $values i32) (param $count i32)
    (param $starts i32) (param $entries i32) (param $sums i32)
    (local $end i32) (local $value f64) (local $row i32) (local $output i32) (local $weight i32)
    (local $stop i32) (local $sum i32)
    (local.set $end (i32.add (local.get $indices) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $indices) (local.get $end)))
        (local.set $value (f64.promote_f32 (f32.load (local.get $values))))
        (local.set $row (i32.add (local.get $starts) (i32.shl (i32.load (local.get $indices)) (i32.const 2))))
        (local.set $output
          (i32.add (local.get $entries) (i32.mul (i32.load (local.get $row)) (i32.const 3))))
        (local.set $stop
          (i32.add (local.get $entries) (i32.mul (i32.load offset=4 (local.get $row)) (i32.const 3))))
        (local.set $weight
          (i32.add
            (local.get $output)
            (i32.shl
              (i32.sub (i32.load offset=4 (local.get $row)) (i32.load (local.get $row)))
              (i32.const 1))))
        (block $empty
          (br_if $empty (i32.ge_u (local.get $weight) (local.get $stop)))
          (loop $entry
            (local.set $sum
              (i32.add (local.get $sums) (i32.shl (i32.load16_u (local.get $output)) (i32.const 3))))
            (f64.store (local.get $sum)
              (f64.add
                (f64.load (local.get $sum))
                (f64.mul (local.get $value) (f64.convert_i32_s (i32.load8_s (local.get $weight))))))
            (local.set $output (i32.add (local.get $output) (i32.const 2)))
            (local.set $weight (i32.add (local.get $weight) (i32.const 1)))
            (br_if $entry (i32.lt_u (local.get $weight) (local.get $stop)))))
        (local.set $indices (i32.add (local.get $indices) (i32.const 4)))
        (local.set $values (i32.add (local.get $values) (i32.const 4)))
        (br $next))))

  ;; For every feature of the vector below `rows`: bag += value * scale * the feature's row of bytes.
  ;; `width`, the bytes of a row, is a multiple of 16; `bag` points to as many f32.
  (func (export "addRows")
    (param $indices i32) (param $values i32) (param $count i32)
    (param $rows i32) (param $width i32) (param $embeddings i32) (param $scales i32) (param $bag i32)
    (local $end i32) (local $feature i32) (local $value v128) (local $at i32) (local $stop i32) (local $to i32)
    (local $bytes v128) (local $half v128)
    (local.set $end (i32.add (local.get $indices) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $indices) (local.get $end)))
        (local.set $feature (i32.load (local.get $indices)))
        (block $without
          (br_if $without (i32.ge_u (local.get $feature) (local.get $rows)))
          (local.set $value
            (f32x4.splat
              (f32.mul
                (f32.load (local.get $values))
                (f32.load (i32.add (local.get $scales) (i32.shl (local.get $feature) (i32.const 2)))))))
          (local.set $at (i32.add (local.get $embeddings) (i32.mul (local.get $feature) (local.get $width))))
          (local.set $stop (i32.add (local.get $at) (local.get $width)))
          (local.set $to (local.get $bag))
          (loop $sixteen
            (local.set $bytes (v128.load (local.get $at)))
            (local.set $half (i16x8.extend_low_i8x16_s (local.get $bytes)))
            (v128.store (local.get $to)
              (f32x4.add (v128.load (local.get $to))
                (f32x4.mul (local.get $value)
                  (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $half))))))
            (v128.store offset=16 (local.get $to)
              (f32x4.add (v128.load offset=16 (local.get $to))
                (f32x4.mul (local.get $value)
                  (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $half))))))
            (local.set $half (i16x8.extend_high_i8x16_s (local.get $bytes)))
            (v128.store offset=32 (local.get $to)
              (f32x4.add (v128.load offset=32 (local.get $to))
                (f32x4.mul (local.get $value)
                  (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $half))))))
            (v128.store offset=48 (local.get $to)
              (f32x4.add (v128.load offset=48 (local.get $to))
                (f32x4.mul (local.get $value)
                  (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $half))))))
            (local.set $to (i32.add (local.get $to) (i32.const 64)))
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br_if $sixteen (i32.lt_u (local.get $at) (local.get $stop)))))
        (local.set $indices (i32.add (local.get $indices) (i32.const 4)))
        (local.set $values (i32.add (local.get $values) (i32.const 4)))
        (br $next))))

  ;; A dense row times a matrix: for every component, to += component * its row of the matrix.
  ;; `width`, the floats of a row, is a multiple of 16; `to` points to as many f32.
  (func (export "addProduct")
    (param $from i32) (param $count i32) (param $width i32) (param $matrix i32) (param $to i32)
    (local $end i32) (local $stop i32) (local $at i32) (local $value v128)
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $stop (i32.add (local.get $to) (i32.shl (local.get $width) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $value (f32x4.splat (f32.load (local.get $from))))
        (local.set $at (local.get $to))
        (loop $sixteen
          (v128.store (local.get $at)
            (f32x4.add (v128.load (local.get $at))
              (f32x4.mul (local.get $value) (v128.load (local.get $matrix)))))
          (v128.store offset=16 (local.get $at)
            (f32x4.add (v128.load offset=16 (local.get $at))
              (f32x4.mul (local.get $value) (v128.load offset=16 (local.get $matrix)))))
          (v128.store offset=32 (local.get $at)
            (f32x4.add (v128.load offset=32 (local.get $at))
              (f32x4.mul (local.get $value) (v128.load offset=32 (local.get $matrix)))))
          (v128.store offset=48 (local.get $at)
            (f32x4.add (v128.load offset=48 (local.get $at))
              (f32x4.mul (local.get $value) (v128.load offset=48 (local.get $matrix)))))
          (local.set $matrix (i32.add (local.get $matrix) (i32.const 64)))
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (br_if $sixteen (i32.lt_u (local.get $at) (local.get $stop))))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (br $next))))

  ;; What each feature of the vector would add: out = sum of factors[outputs[entry]] * weights[entry] over its entries.
  ;; `factors` and `out` point to f64.
  (func (export "weighEntries")
    (param $indices i32) (param $count i32)
    (param $starts i32) (param $entries i32) (param $factors i32) (param $out i32)
    (local $end i32) (local $row i32) (local $output i32) (local $weight i32) (local $stop i32) (local $sum f64)
    (local.set $end (i32.add (local.get $indices) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $indices) (local.get $end)))
        (local.set $row (i32.add (local.get $starts) (i32.shl (i32.load (local.get $indices)) (i32.const 2))))
        (local.set $output
          (i32.add (local.get $entries) (i32.mul (i32.load (local.get $row)) (i32.const 3))))
        (local.set $stop
          (i32.add (local.get $entries) (i32.mul (i32.load offset=4 (local.get $row)) (i32.const 3))))
        (local.set $weight
          (i32.add
            (local.get $output)
            (i32.shl
              (i32.sub (i32.load offset=4 (local.get $row)) (i32.load (local.get $row)))
              (i32.const 1))))
        (local.set $sum (f64.const 0))
        (block $empty
          (br_if $empty (i32.ge_u (local.get $weight) (local.get $stop)))
          (loop $entry
            (local.set $sum
              (f64.add
                (local.get $sum)
                (f64.mul
                  (f64.load
                    (i32.add (local.get $factors) (i32.shl (i32.load16_u (local.get $output)) (i32.const 3))))
                  (f64.convert_i32_s (i32.load8_s (local.get $weight))))))
            (local.set $output (i32.add (local.get $output) (i32.const 2)))
            (local.set $weight (i32.add (local.get $weight) (i32.const 1)))
            (br_if $entry (i32.lt_u (local.get $weight) (local.get $stop)))))
        (f64.store (local.get $out) (local.get $sum))
        (local.set $indices (i32.add (local.get $indices) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (br $next))))

  ;; What each feature of the vector would add to one output: out = its row of bytes times the column, times its scale.
  ;; `column` points to `width` f32, `out` to f32; features from `rows` on get 0.
  (func (export "weighRows")
    (param $indices i32) (param $count i32)
    (param $rows i32) (param $width i32) (param $embeddings i32) (param $scales i32) (param $column i32)
    (param $out i32)
    (local $end i32) (local $feature i32) (local $at i32) (local $stop i32) (local $from i32)
    (local $bytes v128) (local $half v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $indices) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $indices) (local.get $end)))
        (local.set $feature (i32.load (local.get $indices)))
        (f32.store (local.get $out) (f32.const 0))
        (block $without
          (br_if $without (i32.ge_u (local.get $feature) (local.get $rows)))
          (local.set $at (i32.add (local.get $embeddings) (i32.mul (local.get $feature) (local.get $width))))
          (local.set $stop (i32.add (local.get $at) (local.get $width)))
          (local.set $from (local.get $column))
          (local.set $a (v128.const i32x4 0 0 0 0))
          (local.set $b (v128.const i32x4 0 0 0 0))
          (local.set $c (v128.const i32x4 0 0 0 0))
          (local.set $d (v128.const i32x4 0 0 0 0))
          (loop $sixteen
            (local.set $bytes (v128.load (local.get $at)))
            (local.set $half (i16x8.extend_low_i8x16_s (local.get $bytes)))
            (local.set $a
              (f32x4.add (local.get $a)
                (f32x4.mul (v128.load (local.get $from))
                  (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $half))))))
            (local.set $b
              (f32x4.add (local.get $b)
                (f32x4.mul (v128.load offset=16 (local.get $from))
                  (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $half))))))
            (local.set $half (i16x8.extend_high_i8x16_s (local.get $bytes)))
            (local.set $c
              (f32x4.add (local.get $c)
                (f32x4.mul (v128.load offset=32 (local.get $from))
                  (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $half))))))
            (local.set $d
              (f32x4.add (local.get $d)
                (f32x4.mul (v128.load offset=48 (local.get $from))
                  (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $half))))))
            (local.set $from (i32.add (local.get $from) (i32.const 64)))
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br_if $sixteen (i32.lt_u (local.get $at) (local.get $stop))))
          (local.set $a
            (f32x4.add
              (f32x4.add (local.get $a) (local.get $b))
              (f32x4.add (local.get $c) (local.get $d))))
          (f32.store (local.get $out)
            (f32.mul
              (f32.load (i32.add (local.get $scales) (i32.shl (local.get $feature) (i32.const 2))))
              (f32.add
                (f32.add (f32x4.extract_lane 0 (local.get $a)) (f32x4.extract_lane 1 (local.get $a)))
                (f32.add (f32x4.extract_lane 2 (local.get $a)) (f32x4.extract_lane 3 (local.get $a)))))))
        (local.set $indices (i32.add (local.get $indices) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br $next)))))
