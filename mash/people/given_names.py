"""Which given names are one name? Short forms, and spellings of a name that was written in another script."""

from collections import defaultdict
from collections.abc import Mapping

_SHORT_FORMS = """
abigail abbie abby gail | abdul abdel abdi | adebayo ade bayo | aleksander alex alek sasha
alexander alex alec al sandy
alexandra alex alexa sandra lexi lexie sasha | alfred alf alfie fred | amelia amy millie milly | andrew andy drew
anthony antony tony ant | antonia toni | archibald archie | arthur art artie | barbara barb babs | beatrice bea trixie
benjamin ben benny benji | bernadette bernie | bridget biddy bridie | cameron cam | caroline carrie caz
cassandra cass cassie | catherine cath cathy cat kate katie kathy katy kit kitty kay | charles charlie chas chuck
charlotte charlie lottie lotty char | christina chris chrissie tina | christine chris chrissie tina
christopher chris kit topher | constance connie | daniel dan danny | danielle dani | david dave davey davie
deborah deb debbie debs | dominic dom nic | donald don donnie | dorothy dot dotty dolly | edith edie
edward ed eddie ned ted teddy
eleanor ellie elle nell nelly nora | elizabeth liz lizzie lizzy beth betty betsy bess eliza libby elsie lisa
emily em emmy millie | emma em | ezekiel zeke | florence flo flossie florrie | frances fran franny frankie
francis frank frankie fran | francesca fran frankie chess | frederick fred freddie freddy | gabriel gabe
gabrielle gabby
geoffrey geoff | georgina georgie george gina | gerald gerry jerry | gerard gerry ged | gillian gill | grace gracie
graham gra | gregory greg | gwendolyn gwen | harold harry hal | harriet harri hattie | harrison harry
helen nell | henry harry hal | imogen immy | isaac zac ike | isabella bella izzy isa | isabelle belle izzy isa
jacob jake | jacqueline jackie jacqui | james jim jimmy jamie jem | janet jan | jasmine jas jaz jazz jazmin
jeffrey jeff | jennifer jen jenny jenni | jeremy jez jerry | jessica jess jessie | joanna jo joanne | joanne jo
john jack johnny jon | jonathan jon jonny johnny jono | joseph joe joey jo | josephine jo josie
joshua josh | judith judy jude | julia jules julie | juliet jules | katherine kath kathy kate katie katy kitty kay
kenneth ken kenny | kimberley kim kimmy | lawrence larry laurie loz | leonard len lenny leo | lewis lew
louise lou lulu
madeleine maddie maddy | madison maddie maddy | margaret maggie meg megan peggy marge margie madge greta daisy rita
mark marky | martin marty | mary molly polly may | matilda tilly mattie | matthew matt matty | maximilian max
megan meg | melanie mel | melissa mel lissa | michael mike mick mickey micky mikey | michelle shell shelly
miranda mandy | amanda mandy manda | mohammed mo moe | natalie nat | natasha tasha nat | nathan nat nate
nathaniel nat nate nathan | nicholas nick nicky nico | nicola nicky nic nikki | oliver ollie olly
olivia liv livvy livvie
oluwaseun seun | oluwaseyi seyi | olufemi femi | oluwatobi tobi | oluwatosin tosin | ayodele ayo dele
chukwuemeka emeka
babatunde tunde | pamela pam | patricia pat patsy trish tricia | patrick pat paddy | penelope penny pen | peter pete
philip phil pip | philippa pippa pip phil | phoebe phoebs | rachel rach | raymond ray | rebecca becca becky bex becs
reginald reg reggie | richard rich richie rick ricky dick | robert rob robbie bob bobby bert | roberta bobbie robbie
roger rodge | ronald ron ronnie | rosemary rose rosie | roseanne rosie | rose rosie | rupert rupe | ruth ruthie
samantha sam sammy | samuel sam sammy | sarah sally sadie | scarlett scar lettie | sebastian seb bas | simon si
sophia sophie soph | stephanie steph stef | stephen steve steven stevie ste | steven steve stevie stephen
susan sue susie suzie
suzanne sue suzie | terence terry tel | teresa terri tess tessa | theodore theo ted teddy | theresa terri tess tessa
thomas tom tommy | timothy tim timmy | toby tobias tobes | valerie val | vanessa nessa ness | veronica ronnie vera
victoria vicky vicki vic tori | vincent vin vinny vince | violet vi | vivian viv | walter wally walt | wilfred wilf
william will bill billy willie liam | winifred winnie freda | yvonne eve | zachary zac zach zack | zoe zo
"""

_SPELLINGS = """
abdullah abdulla abdallah abdellah | abdulrahman abdurrahman abderrahman abdirahman | abdulaziz abdelaziz
adam aadam adem | ahmed ahmad ahmet akhmed ahmadh | aisha ayesha aysha aicha ayse aishah ayisha asha | ali aly alee
alexei aleksei alexey oleksiy | alexander aleksandr oleksandr aleksander alexandre iskander | amina aminah ameena
amir ameer emir | andrei andrey andriy | anastasia anastasiia anastazja nastya | ayan ayaan | bilal bilaal billal
catherine katherine kathryn katharine cathryn katarzyna ekaterina kateryna yekaterina | chloe khloe cloe
daria dariia darya | dmitri dmitry dmytro | elena olena yelena helena helen | eleni helen | esther ester hester
fatima fatimah fatma fatou faatimah fatema | farah faraah | george georgi giorgi jorge yuri yurii | habib habeeb
halima haleema halimah halimo | hamza hamzah hamsa | hassan hasan hassaan | hawa hava eve hawwa
hussein hussain husain hussin husayn hossain hosein
ibrahim ebrahim ibraheem ibraahim abraham | idris idrees edris | ilhan ilham | imran emran | irina iryna
isa issa eesa essa | ismail ismaeel ismael esmail | ivan iwan | jamal jamaal gamal djamel | jan yan
julia yulia yuliia | kadija khadija khadijah khadeeja kadiatou hadija | khaled khalid | layla leila laila leyla layla
leon lyon | lucas lukas luka lukasz | maria mariia mariya marija | mariam maryam miriam maryan meryem mariama
mateusz matthew mateo
michael mikhail mykhailo michal miguel | mehmet mehmed
mohammed muhammad mohamed mohammad muhammed mohamad muhamad muhamed mohamud maxamed mohd
musa moussa mousa moses | mustafa mustapha moustafa | nadia nadiya nadja
nicholas nikolai mykola nikolas nicolas | noor nur noora nour
nadiya nadia | olga olha | omar umar omer umer | osman usman uthman othman ousmane | pavel pawel paul
piotr peter pyotr petro
rahim raheem | rashid rasheed | saeed said sayed saied | rory ruairi ruaridh ruari | safiya safia safiyyah sophia
salih saleh salah | salma selma
sean shaun shawn shane | siobhan shivaun chevonne | niamh neve neave | caoimhe keeva kiva | aoife eefa
eoin owen euan ewan
ciara keira kiera | saoirse seersha | roisin rosheen | cian kian | darragh dara daragh | samir sameer
sara sarah saarah
shahid shaheed | shreya shriya | sofia sofiia sophia zofia | stephen steven stefan stephan esteban
suleiman suleyman sulaiman sulayman solomon
svetlana svitlana | syed sayed sayyid | tariq tarik tareq | tatiana tetiana tatyana | thanh tan | vladimir volodymyr
yahya yehia jahja | yakub yaqub yaqoob jakub jacob | yasmin jasmine yasmine jasmin yasmeen
yousef yusuf youssef yousuf yosef joseph yusef jozef
zaynab zainab zeinab zeynep zaineb | zahra zara zehra zaara | zakaria zakariya zachariah zachary
"""


def _groups(text: str) -> Mapping[str, frozenset[str]]:
    mates: dict[str, set[str]] = defaultdict(set)
    for line in text.replace("|", "\n").strip().splitlines():
        names = line.split()
        for name in names:
            mates[name].update(names)
    return {name: frozenset(others - {name}) for name, others in mates.items()}


SHORT_FORMS = _groups(_SHORT_FORMS)
"""Names with the short forms of them, and short forms with the names, in plain small letters."""

SPELLINGS = _groups(_SPELLINGS)
"""Names with other spellings of them."""
