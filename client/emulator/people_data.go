package emulator

import "strings"

// country is where an invented person's document is from.
type country struct {
	code         string
	weight       int
	women, men   []string
	families     []string
	femaleFamily func(string) string // nil: the same for all
	latin        []string            // beginnings of mail addresses
	streets      []string
	street       string // how a street and a number are put together
	flat         string // before the number of a flat
	places       []place
	documents    []string
	phone        string
	idNumberType string // of the numbers that Stripe can check there, or ""
}

// place is a town with its postal code and, where addresses have one, its state.
type place struct{ city, state, postal string }

var (
	anyDocument = []string{"driving_license", "passport", "id_card"}
	usDocuments = []string{"driving_license", "driving_license", "driving_license", "passport", "id_card"}
	idOrPass    = []string{"id_card", "id_card", "passport"}
)

// countries is the people's table: where sessions come from, with names in the
// script of the place. A weight is a share of the sessions.
var countries = []country{
	{"US", 220, []string{"Jenny", "Maria", "Ashley", "Denise", "Tamika"}, []string{"James", "Robert", "Luis", "Tyrone", "Kevin"},
		[]string{"Rosen", "Johnson", "Martinez", "Washington", "O'Neill", "Lee"}, nil, []string{"jenny.r", "mjohnson", "kev"},
		[]string{"Main St.", "Oak Ave.", "Elm St.", "Sunset Blvd."}, "%[2]d %[1]s", "Apt ",
		[]place{{"San Francisco", "CA", "94111"}, {"Austin", "TX", "78701"}, {"Columbus", "OH", "43215"}}, usDocuments, "+1415", "us_ssn"},
	{"GB", 90, []string{"Amelia", "Siobhán", "Priya"}, []string{"Oliver", "Angus", "Mohammed"},
		[]string{"Smith", "Taylor", "Patel", "MacLeod"}, nil, []string{"amelia", "olly", "angus.m"},
		[]string{"High Street", "Station Road", "Church Lane"}, "%[2]d %[1]s", "Flat ",
		[]place{{"London", "", "E1 6AN"}, {"Leeds", "", "LS1 4AP"}, {"Glasgow", "", "G1 1XQ"}}, anyDocument, "+4420", ""},
	{"DE", 80, []string{"Anna", "Jürgen-Maria", "Käthe"}, []string{"Lukas", "Jörg", "Björn"},
		[]string{"Müller", "Schröder", "Weiß", "von der Heide"}, nil, []string{"anna.m", "lukas", "joerg"},
		[]string{"Hauptstraße", "Bahnhofstraße", "Am Weiher"}, "%s %d", "",
		[]place{{"Berlin", "", "10115"}, {"Köln", "", "50667"}, {"Görlitz", "", "02826"}}, idOrPass, "+4930", ""},
	{"FR", 70, []string{"Chloé", "Anaïs", "Françoise"}, []string{"Hugo", "Loïc", "Jean-François"},
		[]string{"Lefèvre", "Garçon", "d'Aubigné", "Moreau"}, nil, []string{"chloe", "hugo.l", "anais"},
		[]string{"rue de la Paix", "avenue Foch", "place du Marché"}, "%[2]d %[1]s", "Appt ",
		[]place{{"Paris", "", "75011"}, {"Lyon", "", "69002"}, {"Nîmes", "", "30000"}}, idOrPass, "+3314", ""},
	{"ES", 45, []string{"Lucía", "Begoña"}, []string{"Íñigo", "José María"}, []string{"Muñoz Peña", "García López", "Núñez"}, nil, []string{"lucia", "inigo"},
		[]string{"Calle Mayor", "Paseo del Prado"}, "%s %d", "Piso ", []place{{"Madrid", "", "28013"}, {"A Coruña", "", "15003"}}, idOrPass, "+3491", ""},
	{"IT", 35, []string{"Giulia", "Chiara"}, []string{"Niccolò", "Matteo"}, []string{"Rossi", "D'Angelo", "Dal Pozzo"}, nil, []string{"giulia", "nico"},
		[]string{"Via Roma", "Corso Italia"}, "%s %d", "Int. ", []place{{"Milano", "MI", "20121"}, {"Forlì", "FC", "47121"}}, idOrPass, "+3902", ""},
	{"BR", 60, []string{"Conceição", "Ana Júlia"}, []string{"João", "Antônio"}, []string{"da Silva", "Gonçalves", "Araújo"}, nil, []string{"joao", "anaju"},
		[]string{"Rua das Flores", "Avenida Paulista"}, "%s, %d", "Apto ", []place{{"São Paulo", "SP", "01310-100"}, {"Recife", "PE", "50030-230"}}, anyDocument, "+5511", "br_cpf"},
	{"SG", 25, []string{"Siew Ling", "Nur Aisyah"}, []string{"Wei Jie", "Kumaran"}, []string{"Tan", "binte Rahman", "Lim"}, nil, []string{"siewling", "weijie"},
		[]string{"Orchard Road", "Bukit Timah Road"}, "%[2]d %[1]s", "#08-", []place{{"Singapore", "", "238801"}}, idOrPass, "+656", "sg_nric"},
	{"JP", 45, []string{"さくら", "陽子"}, []string{"太郎", "健一"}, []string{"山田", "佐藤", "髙橋"}, nil, []string{"sakura", "taro.y"},
		[]string{"丸の内", "道玄坂"}, "%s%d丁目", "", []place{{"千代田区", "東京都", "100-0005"}, {"京都市", "京都府", "600-8216"}}, anyDocument, "+813", ""},
	{"KR", 25, []string{"지우", "서연"}, []string{"민준", "도윤"}, []string{"김", "이", "황보"}, nil, []string{"jiwoo", "minjun"},
		[]string{"세종대로", "테헤란로"}, "%s %d", "", []place{{"서울", "", "04524"}}, anyDocument, "+822", ""},
	{"UA", 30, []string{"Олена", "Соломія"}, []string{"Андрій", "В'ячеслав"}, []string{"Шевченко", "Коваленко", "Гнатюк"}, nil, []string{"olena", "andriy"},
		[]string{"вулиця Хрещатик", "проспект Миру"}, "%s, %d", "кв. ", []place{{"Київ", "", "01001"}, {"Львів", "", "79000"}}, idOrPass, "+38044", ""},
	{"BG", 15, []string{"Мария", "Цветелина"}, []string{"Георги", "Щерьо"}, []string{"Иванов", "Димитров"}, femaleA, []string{"maria.i", "georgi"},
		[]string{"бул. Витоша", "ул. Раковски"}, "%s %d", "ап. ", []place{{"София", "", "1000"}}, idOrPass, "+3592", ""},
	{"GR", 15, []string{"Ελένη", "Μαρία"}, []string{"Γιώργος", "Νίκος"}, []string{"Παπαδόπουλος", "Νικολάου"}, femaleGreek, []string{"eleni", "nikos"},
		[]string{"Ερμού", "Πατησίων"}, "%s %d", "", []place{{"Αθήνα", "", "105 63"}}, idOrPass, "+3021", ""},
	{"PL", 30, []string{"Zofia", "Grażyna"}, []string{"Łukasz", "Michał"}, []string{"Kowalski", "Wiśniewski"}, femalePolish, []string{"zofia", "lukasz"},
		[]string{"ul. Długa", "al. Jerozolimskie"}, "%s %d", "m. ", []place{{"Łódź", "", "90-001"}, {"Kraków", "", "31-042"}}, idOrPass, "+4822", ""},
	{"IL", 15, []string{"נועה", "תמר"}, []string{"יוסף", "דניאל"}, []string{"כהן", "לוי", "בן־דוד"}, nil, []string{"noa", "yosef"},
		[]string{"רחוב הרצל", "שדרות רוטשילד"}, "%s %d", "", []place{{"תל אביב־יפו", "", "6688101"}}, idOrPass, "+9723", ""},
	{"AE", 15, []string{"فاطمة", "مريم"}, []string{"محمد", "عبد الله"}, []string{"المنصوري", "الشامسي"}, nil, []string{"fatima", "mohd"},
		[]string{"شارع الشيخ زايد", "شارع المطار"}, "%s %d", "", []place{{"دبي", "دبي", ""}, {"أبوظبي", "أبوظبي", ""}}, idOrPass, "+9714", ""},
	{"TH", 12, []string{"สมหญิง", "มาลี"}, []string{"สมชาย", "กิตติ"}, []string{"ใจดี", "ศรีสุวรรณ"}, nil, []string{"somying", "kitti"},
		[]string{"ถนนสุขุมวิท", "ถนนสีลม"}, "%[2]d %[1]s", "", []place{{"กรุงเทพมหานคร", "", "10110"}}, idOrPass, "+662", ""},
	{"IN", 35, []string{"प्रिया", "Lakshmi"}, []string{"राहुल", "Arjun"}, []string{"शर्मा", "Iyer", "Singh"}, nil, []string{"priya", "arjun"},
		[]string{"MG Road", "Anna Salai"}, "%[2]d, %[1]s", "Flat ", []place{{"Bengaluru", "KA", "560001"}, {"Chennai", "TN", "600002"}}, anyDocument, "+9180", ""},
	{"VN", 12, []string{"Thị Hương", "Ngọc Ánh"}, []string{"Văn Đức", "Quốc Bảo"}, []string{"Nguyễn", "Đặng"}, nil, []string{"huong", "ducnv"},
		[]string{"Lê Lợi", "Trần Hưng Đạo"}, "%[2]d %[1]s", "", []place{{"Hà Nội", "", "100000"}}, idOrPass, "+8424", ""},
	{"IS", 5, []string{"Sigríður", "Þóra"}, []string{"Björgvin", "Æsir"}, []string{"Jónsdóttir", "Guðmundsson"}, nil, []string{"sigga", "bjorgvin"},
		[]string{"Laugavegur", "Skólavörðustígur"}, "%s %d", "", []place{{"Reykjavík", "", "101"}}, anyDocument, "+3545", ""},
	{"NG", 20, []string{"Ngozi", "Folákẹ́"}, []string{"Chinedu", "Olúṣẹ́gun"}, []string{"Okafor", "Adébáyọ̀"}, nil, []string{"ngozi", "segun"},
		[]string{"Awolowo Road", "Ahmadu Bello Way"}, "%[2]d %[1]s", "Flat ", []place{{"Lagos", "LA", "101233"}}, anyDocument, "+2341", ""},
}

func femaleA(family string) string { return family + "а" }

func femaleGreek(family string) string {
	if stem, ok := strings.CutSuffix(family, "όπουλος"); ok {
		return stem + "οπούλου"
	}
	return family
}

func femalePolish(family string) string { return strings.TrimSuffix(family, "i") + "a" }

// handles and surnames are what user ids are made of.
var handles = []string{
	"ann", "anna", "anton", "annika", "hannah", "johanna", "joann", "joe", "joey", "john", "jonas", "jenny", "jen", "maria", "mario",
	"marc", "marcus", "max", "mia", "mike", "lee", "leo", "lena", "liam", "lisa", "olga", "omar", "otto", "paul", "pia", "raj", "rosa",
	"sam", "sara", "sofia", "tim", "tom", "uma", "vera", "will", "yuki", "zoe",
}

var surnames = []string{
	"smith", "jones", "garcia", "mueller", "okafor", "tanaka", "rossi", "silva", "novak", "kim", "patel", "dubois", "jensen", "ivanov",
}
