/* row_kind.c - the table of what rows can be beside sales; see row_kind.h. */
#include "table/row_kind.h"

#include "table/role.h"

#include <string.h>

/* Simplified names (role_simplify).  tells: one is enough; hints: two are, for orders can have one of them as well. */
static const struct { const char *kind, *words, *tells, *hints; } kinds[] = {
    { "page_view", "page views",
      "pageurl pagepath pageviewid pagetitle pagename urlpath pagelocation screenname screenview requesturl requestpath "
      "seitenurl seitentitel seitenaufruf urldelapage titredelapage paginavista urlpagina paginaurl paginatitel",
      "url path uri referrer referer referringurl useragent browser device devicetype os operatingsystem utmsource "
      "utmmedium utmcampaign ip ipaddress sessionid httpstatus httpmethod statuscode" },
    { "session", "sessions",
      "sessionstart sessionstartedat sessionstarttime sessionend sessionendedat sessionduration sessiondurationseconds "
      "sessionlength visitduration visitlength durationofvisit pageviews pagesviewed pagesvisited pagespersession numpages "
      "numpageviews isbounce bounced timeonsite timeonpage exitpage entrypage exiturl entryurl sitzungsdauer "
      "seitenaufrufe besuchsdauer verweildauer einstiegsseite ausstiegsseite dureesession dureevisite pagesvues "
      "duracionsesion paginasvistas duratasessione paginevisitate duracaosessao sessieduur paginaweergaven",
      "sessionid sessionnumber visitid visitnumber idvisit landingpage referrer referer browser device devicetype os "
      "useragent utmsource utmmedium utmcampaign hits pages events sitzungsid idsession idsesion" },
    { "visit", "visits",
      "visitedat visitdate visittime visitstart checkinat checkedinat checkintime checkedintime turnstile "
      "gate gateid doorid badgeid entrytime besuchsdatum besuchstag eincheckzeit datevisite datedevisite heureentree fechavisita "
      "fechadevisita datavisita datadavisita bezoekdatum",
      "visitid visitno visitnumber checkin checkout checkoutat exittime club gym facility venue location door entrance" },
    { "ticket", "support tickets",
      "requesterid requester requesteremail requestername assignee assigneeid assigneename assignedto assignedagent "
      "assignedteam firstresponsetime firstresponseat firstreplytime firstreplyat resolutiontime resolvedat solvedat "
      "timetoresolve timetoresolution slabreach slabreached csat satisfactionrating caseorigin ticketsubject ticketstatus "
      "tickettype ticketpriority issuetype bearbeiter zustandig anliegen geloestam gelostam losungszeit demandeur assignea "
      "resolule solicitante asignadoa resueltoel richiedente assegnatario aanvrager behandelaar responsavel",
      "ticketid ticketnumber ticketno ticket caseid casenumber caseno case issueid issue subject priority severity escalated "
      "reopened agent category channel topic tags betreff prioritat prioritaet kategorie sujet objet priorite asunto "
      "prioridad oggetto priorita onderwerp prioriteit assunto" },
    { "email_sent", "e-mails that were sent",
      "emailsubject subjectline mailsubject openedat clickedat bouncedat emailsentat emailopenedat emailclickedat "
      "opens clicks numopens numclicks opencount clickcount emailid mailingid mailing newsletter newslettername "
      "unsubscribedat sendid sendtime emailtype emailtemplate geoffnetam geklicktam ouvertle clique abiertoel aperto geopendop",
      "campaign campaignname campaignid subject template templatename templateid opened clicked bounced "
      "unsubscribed variant messageid sentat senton sendat kampagne campagne campana campagna" },
    { "login", "log-ins",
      "loginat logintime logindate loginid loginmethod logintype loginip loggedinat logoutat logouttime loggedoutat "
      "signinat signintime signedinat mfa mfaused authmethod anmeldezeit anmeldezeitpunkt abmeldezeit heureconnexion "
      "dateconnexion fechaacceso iniciosesion dataaccesso inlogtijd",
      "ip ipaddress device devicetype browser useragent os platform appversion success sessionid" },
    { "call", "calls",
      "callid callduration calldirection callstart callstarttime callstartedat callend calltype callerid caller callee "
      "talktime holdtime callresult calloutcome dispositioncode anrufdauer gesprachsdauer gespraechsdauer dureeappel "
      "duracionllamada durataduechiamata duratachiamata gespreksduur",
      "duration direction agent queue waittime recording dauer duree duracion durata" },
    { "chat", "chats", "chatid chatduration chatstart chatstartedat transcript conversationid conversationstart",
      "agent waittime duration rating topic channel" },
    { "review", "reviews",
      "reviewid reviewtext reviewtitle reviewbody reviewrating reviewdate reviewedat bewertungstext bewertung avisclient",
      "rating stars title comment helpful verifiedpurchase verified sterne note" },
    { "play", "plays",
      "playedat listenedat watchedat msplayed secondsplayed minutesplayed playduration watchtime watchduration "
      "minuteswatched secondswatched percentwatched trackname artistname songid episodeid videoid streamid",
      "duration device platform skipped shuffle content" },
};

/* How much a simplified name says for the kind. */
static unsigned score_of(size_t kind, const char *simple)
{
    return role_is_among(simple, kinds[kind].tells) ? 2 : role_is_among(simple, kinds[kind].hints);
}

bool row_kind_is_name(const struct row_kind *kind, const char *name)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(name), simple);
    for (size_t k = 0; kind->kind && k < sizeof kinds / sizeof *kinds; k++)
        if (strcmp(kinds[k].kind, kind->kind) == 0) return score_of(k, simple) > 0;
    return false;
}

bool row_kind_is_of_sale(const char *name)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(name), simple);
    return role_has_one_of(simple, "order purchas sale sold invoice transact paym paid book bought txn bestell kauf auftrag "
                                   "rechnung beleg verkauf buch bestel aankoop factuur verkoop command achat factur vente "
                                   "pedido compra venta ordin acquist vendit fattur encomenda venda kop bestallning ordre "
                                   "zamowien zakup sprzeda siparis satis fatura 注文 受注 購入 売上 取引 決済 伝票");
}

struct row_kind row_kind_find(const struct column *columns, size_t n_columns, struct arena *arena)
{
    struct row_kind best = { 0 };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct row_kind kind = { .kind = kinds[k].kind, .words = kinds[k].words, .names = "" };
        size_t n_names = 0;
        for (size_t c = 0; c < n_columns; c++) {
            char simple[ROLE_NAME_BYTES];
            role_simplify(text_of(columns[c].name), simple);
            unsigned score = score_of(k, simple);
            if (score == 0 || columns[c].kind == KIND_EMPTY) continue;
            kind.score += score;
            if (n_names++ < 3) kind.names = arena_format(arena, "%s%s%s", kind.names, *kind.names ? ", " : "", columns[c].name);
        }
        if (kind.score > best.score) best = kind;
    }
    return best;
}
