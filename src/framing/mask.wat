;; Masking (RFC 6455 section 5.3): XORs the bytes from $at to $end with the four octets of the key, over and over. The
;; key's lowest byte is its first octet: the memory of WebAssembly is little-endian on every machine.
;;
;; `npm run wasm` compiles this file into mask-module.ts. A test checks that they agree.
(module
  ;; Sockets read into the first page. Bytes of other memory are copied to the second one.
  (memory (export "memory") 2 2)

  (func (export "mask") (param $at i32) (param $end i32) (param $key i32)
    (local $keys v128)
    (local.set $keys (i32x4.splat (local.get $key)))

    (block $no64
      (loop $next64
        (br_if $no64 (i32.gt_u (i32.add (local.get $at) (i32.const 64)) (local.get $end)))
        (v128.store (local.get $at)
          (v128.xor (v128.load (local.get $at)) (local.get $keys)))
        (v128.store offset=16 (local.get $at)
          (v128.xor (v128.load offset=16 (local.get $at)) (local.get $keys)))
        (v128.store offset=32 (local.get $at)
          (v128.xor (v128.load offset=32 (local.get $at)) (local.get $keys)))
        (v128.store offset=48 (local.get $at)
          (v128.xor (v128.load offset=48 (local.get $at)) (local.get $keys)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $next64)))

    (block $no4
      (loop $next4
        (br_if $no4 (i32.gt_u (i32.add (local.get $at) (i32.const 4)) (local.get $end)))
        (i32.store (local.get $at) (i32.xor (i32.load (local.get $at)) (local.get $key)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $next4)))

    (block $no1
      (loop $next1
        (br_if $no1 (i32.ge_u (local.get $at) (local.get $end)))
        (i32.store8 (local.get $at) (i32.xor (i32.load8_u (local.get $at)) (local.get $key)))
        (local.set $key (i32.rotr (local.get $key) (i32.const 8)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next1)))))
