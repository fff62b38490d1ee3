package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func init() { sets["dot"] = products }

// products emits the kernels of package dot.
func products() {
	rowsOfMatrix(1)
	rowsOfMatrix(4)
	triangle()
	sparse()
}

// rowsOfMatrix emits the products of count rows, which follow each other at a distance of
// stride elements, with x. Several rows at a time load x once for all, and memory
// serves their streams together.
func rowsOfMatrix(count int) {
	TEXT(fmt.Sprintf("rows%d", count), NOSPLIT, "func(sums, w, x *float64, n, stride int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("rows%d sets sums to the eightfold sums of n > 0 products, a multiple of 8, of %d rows.", count, count))
	sums, w, x := Load(Param("sums"), GP64()), Load(Param("w"), GP64()), Load(Param("x"), GP64())
	n, stride := Load(Param("n"), GP64()), Load(Param("stride"), GP64())
	SHLQ(Imm(3), stride)
	row := []reg.Register{w}
	for range count - 1 {
		next := GP64()
		LEAQ(Mem{Base: row[len(row)-1], Index: stride, Scale: 1}, next)
		row = append(row, next)
	}
	low, high := make([]reg.VecVirtual, count), make([]reg.VecVirtual, count) // the sums 0-3 and 4-7 of each row
	for r := range count {
		low[r], high[r] = YMM(), YMM()
		VXORPD(low[r], low[r], low[r])
		VXORPD(high[r], high[r], high[r])
	}
	xl, xh, i := YMM(), YMM(), GP64()
	XORQ(i, i)

	Label(fmt.Sprintf("turn%d", count))
	at := func(base reg.Register, offset int) Mem { return Mem{Base: base, Index: i, Scale: 8, Disp: offset} }
	VMOVUPD(at(x, 0), xl)
	VMOVUPD(at(x, 32), xh)
	for r := range count {
		l, h := YMM(), YMM()
		VMULPD(at(row[r], 0), xl, l)
		VMULPD(at(row[r], 32), xh, h)
		VADDPD(l, low[r], low[r])
		VADDPD(h, high[r], high[r])
	}
	ADDQ(Imm(8), i)
	CMPQ(i, n)
	JLT(LabelRef(fmt.Sprintf("turn%d", count)))

	for r := range count {
		VADDPD(high[r], low[r], low[r])
		storeSum(low[r], Mem{Base: sums, Disp: 8 * r})
	}
	VZEROUPPER()
	RET()
}

// triangle emits four rows of a symmetric matrix, left of the diagonal: each element
// read serves the row it stands in and the column, which is a row above.
func triangle() {
	const count = 4
	TEXT("triangle4", NOSPLIT, "func(sums, y, w, x *float64, n, stride int, diagonal *float64)")
	Pragma("noescape")
	Doc("triangle4 sets sums to the fourfold sums of n > 0 products, a multiple of 4, of four rows with x, and adds to", "the n elements of y those of their columns with the four elements of x at diagonal.")
	sums, y, w, x := Load(Param("sums"), GP64()), Load(Param("y"), GP64()), Load(Param("w"), GP64()), Load(Param("x"), GP64())
	n, stride, diagonal := Load(Param("n"), GP64()), Load(Param("stride"), GP64()), Load(Param("diagonal"), GP64())
	SHLQ(Imm(3), stride)
	row := []reg.Register{w}
	for range count - 1 {
		next := GP64()
		LEAQ(Mem{Base: row[len(row)-1], Index: stride, Scale: 1}, next)
		row = append(row, next)
	}
	var sum, factor, e, p [count]reg.VecVirtual
	for r := range count {
		sum[r], factor[r], e[r], p[r] = YMM(), YMM(), YMM(), YMM()
		VXORPD(sum[r], sum[r], sum[r])
		VBROADCASTSD(Mem{Base: diagonal, Disp: 8 * r}, factor[r])
	}
	i := GP64()
	XORQ(i, i)

	Label("triangle")
	at := func(base reg.Register) Mem { return Mem{Base: base, Index: i, Scale: 8} }
	for r := range count {
		VMOVUPD(at(row[r]), e[r])
	}
	for r := range count {
		VMULPD(e[r], factor[r], p[r])
	}
	for r := range count {
		VMULPD(at(x), e[r], e[r])
	}
	VADDPD(p[1], p[0], p[0])
	VADDPD(p[3], p[2], p[2])
	for r := range count {
		VADDPD(e[r], sum[r], sum[r])
	}
	VADDPD(p[2], p[0], p[0])
	VADDPD(at(y), p[0], p[0])
	VMOVUPD(p[0], at(y))
	ADDQ(Imm(4), i)
	CMPQ(i, n)
	JLT(LabelRef("triangle"))

	for r := range count {
		storeSum(sum[r], Mem{Base: sums, Disp: 8 * r})
	}
	VZEROUPPER()
	RET()
}

// sparse emits rows of a matrix in compressed rows. The elements of x are loaded one by
// one: instructions that gather them are slow on many processors.
func sparse() {
	TEXT("sparseRows", NOSPLIT, "func(dst *float64, rows int, alpha float64, start *int, columns *int32, w, x *float64)")
	Pragma("noescape")
	Doc("sparseRows adds α·(row·x) to each of rows > 0 elements of dst, see AddSparse.")
	dst, rows, start := Load(Param("dst"), GP64()), Load(Param("rows"), GP64()), Load(Param("start"), GP64())
	columns, w, x := Load(Param("columns"), GP64()), Load(Param("w"), GP64()), Load(Param("x"), GP64())
	alpha := Load(Param("alpha"), XMM())
	k, end, last := GP64(), GP64(), GP64() // the entry, the end of its row, the last place where a group of four may begin
	MOVQ(Mem{Base: start}, k)

	Label("row")
	ADDQ(Imm(8), start)
	MOVQ(Mem{Base: start}, end)
	LEAQ(Mem{Base: end, Disp: -4}, last)
	sum := YMM()
	VXORPD(sum, sum, sum)
	CMPQ(k, last)
	JGT(LabelRef("rest"))

	Label("four")
	low, high := YMM(), YMM()
	for half, v := range []reg.VecVirtual{low, high} {
		j, next := GP64(), GP64()
		MOVQ(Mem{Base: columns, Index: k, Scale: 4, Disp: 8 * half}, next) // two columns
		MOVL(next.As32(), j.As32())
		SHRQ(Imm(32), next)
		VMOVSD(Mem{Base: x, Index: j, Scale: 8}, v.AsX())
		VMOVHPD(Mem{Base: x, Index: next, Scale: 8}, v.AsX(), v.AsX())
	}
	VINSERTF128(Imm(1), high.AsX(), low, low)
	VMULPD(Mem{Base: w, Index: k, Scale: 8}, low, low)
	VADDPD(low, sum, sum)
	ADDQ(Imm(4), k)
	CMPQ(k, last)
	JLE(LabelRef("four"))
	fold(sum)

	Label("rest")
	CMPQ(k, end)
	JGE(LabelRef("done"))
	Label("one")
	j, p := GP64(), XMM()
	MOVL(Mem{Base: columns, Index: k, Scale: 4}, j.As32())
	VMOVSD(Mem{Base: x, Index: j, Scale: 8}, p)
	VMULSD(Mem{Base: w, Index: k, Scale: 8}, p, p)
	VADDSD(p, sum.AsX(), sum.AsX())
	INCQ(k)
	CMPQ(k, end)
	JLT(LabelRef("one"))

	Label("done")
	VMULSD(alpha, sum.AsX(), sum.AsX())
	VADDSD(Mem{Base: dst}, sum.AsX(), sum.AsX())
	VMOVSD(sum.AsX(), Mem{Base: dst})
	ADDQ(Imm(8), dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// storeSum stores (s₀+s₂) + (s₁+s₃).
func storeSum(s reg.VecVirtual, to Mem) {
	fold(s)
	VMOVSD(s.AsX(), to)
}

// fold leaves (s₀+s₂) + (s₁+s₃) as the first element of s.
func fold(s reg.VecVirtual) {
	upper := XMM()
	VEXTRACTF128(Imm(1), s, upper)
	VADDPD(upper, s.AsX(), s.AsX())
	VUNPCKHPD(s.AsX(), s.AsX(), upper)
	VADDSD(upper, s.AsX(), s.AsX())
}
