package emulator

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strconv"
	"sync"
)

// Nobody was photographed: the images of an attempt are drawings, which say so. All
// documents of a type look the same, so each drawing is made once.

// pictureKind is the subject of a drawing.
type pictureKind uint8

const (
	frontOfCard pictureKind = iota
	frontOfLicense
	frontOfPassport
	backOfCard
	face
	pictureKinds
)

// pictures draw each kind when it is asked for first.
var pictures = func() (all [pictureKinds]func() []byte) {
	for kind := range all {
		all[kind] = sync.OnceValue(func() []byte { return drawPicture(pictureKind(kind)) })
	}
	return all
}()

// pictureOf is the content of an image.
func (w *world) pictureOf(at uint32) []byte {
	switch at % filesPerReport {
	case fileSelfie:
		return pictures[face]()
	case fileBack:
		return pictures[backOfCard]()
	}
	switch w.shownIn(at / filesPerReport).documentType {
	case "passport":
		return pictures[frontOfPassport]()
	case "driving_license":
		return pictures[frontOfLicense]()
	}
	return pictures[frontOfCard]()
}

var (
	paper = color.RGBA{0xf4, 0xf4, 0xee, 0xff}
	ink   = color.RGBA{0x3d, 0x46, 0x55, 0xff}
	skin  = color.RGBA{0xd2, 0xb4, 0x96, 0xff}
	tints = [pictureKinds]color.RGBA{
		frontOfCard: {0xcf, 0xe0, 0xf2, 0xff}, frontOfLicense: {0xf2, 0xda, 0xdd, 0xff}, frontOfPassport: {0xd8, 0xe8, 0xd2, 0xff},
		backOfCard: {0xde, 0xde, 0xde, 0xff}, face: {0xc9, 0xd3, 0xdd, 0xff},
	}
)

// drawing is a picture under way.
type drawing struct{ *image.RGBA }

func drawPicture(kind pictureKind) []byte {
	size := image.Rect(0, 0, 640, 400)
	if kind == face {
		size = image.Rect(0, 0, 480, 640)
	}
	d := drawing{image.NewRGBA(size)}
	d.fill(size, paper)
	switch kind {
	case face:
		d.fill(size, tints[kind])
		d.head(240, 300, 110)
	case backOfCard:
		d.fill(size.Inset(16), tints[kind])
		d.fill(image.Rect(16, 60, 624, 120), ink)
		d.lines(48, 160, 420, 4)
	default:
		d.fill(size.Inset(16), tints[kind])
		d.fill(image.Rect(48, 100, 208, 300), paper)
		d.head(128, 190, 44)
		d.lines(248, 110, 330, 5)
	}
	d.write("EMULATED", 48, size.Max.Y-76, 6)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, d, &jpeg.Options{Quality: 80}); err != nil { // of an image in memory
		panic(strconv.QuoteToASCII(err.Error()))
	}
	return b.Bytes()
}

func (d drawing) fill(r image.Rectangle, c color.RGBA) {
	draw.Draw(d, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// head draws a head with shoulders around a point.
func (d drawing) head(x, y, radius int) {
	for row := -radius; row <= 2*radius; row++ {
		for col := -2 * radius; col <= 2*radius; col++ {
			shoulders := row > radius && col*col*9+(row-2*radius)*(row-2*radius)*25 < radius*radius*25
			switch {
			case row <= radius && 4*col*col*4/9+row*row < radius*radius: // taller than wide
				d.Set(x+col, y+row, skin)
			case shoulders:
				d.Set(x+col, y+row, ink)
			}
		}
	}
}

// lines stand for lines of text.
func (d drawing) lines(x, y, width, n int) {
	for i := range n {
		d.fill(image.Rect(x, y+i*40, x+width*(7+i*5%3)/10, y+i*40+14), ink)
	}
}

// letters are the rows of five pixels of the letters that are written.
var letters = map[rune][7]string{
	'E': {"#####", "#", "#", "####", "#", "#", "#####"},
	'M': {"#   #", "## ##", "# # #", "# # #", "#   #", "#   #", "#   #"},
	'U': {"#   #", "#   #", "#   #", "#   #", "#   #", "#   #", " ###"},
	'L': {"#", "#", "#", "#", "#", "#", "#####"},
	'A': {" ###", "#   #", "#   #", "#####", "#   #", "#   #", "#   #"},
	'T': {"#####", "  #", "  #", "  #", "  #", "  #", "  #"},
	'D': {"####", "#   #", "#   #", "#   #", "#   #", "#   #", "####"},
}

// write writes a word, each pixel of its letters as a square.
func (d drawing) write(word string, x, y, square int) {
	for n, letter := range word {
		for row, pixels := range letters[letter] {
			for col, pixel := range pixels {
				if left, top := x+(n*6+col)*square, y+row*square; pixel == '#' {
					d.fill(image.Rect(left, top, left+square, top+square), ink)
				}
			}
		}
	}
}
